// No include guard: included around each rules.def, see issue.h.
#undef RULE
