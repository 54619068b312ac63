// No include guard: included around each errors.def, see error.h.
#undef ERROR
