// No include guard: included around each errors.def, see error.h.
#define ERROR(code, name, http, ack, err, issue, en, fr) \
  inline constexpr ErrorInfo name{code, #name, http, ack, err, issue, en, fr};
