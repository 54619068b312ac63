// No include guard: included around each rules.def, see issue.h.
#define RULE(name, id, severity, issue_type, en, fr) \
  inline constexpr RuleInfo name{id, Severity::severity, issue_type, en, fr};
