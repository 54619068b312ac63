// Existence, filtering, subsetting, combining, aggregates (N1, 5.1 to 5.4 and 7).

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "fhir_model/path/functions.h"

namespace passerelle::path::functions {
namespace {

using Size = std::size_t;

// Runs argument i for each item of the input and hands its truth to `visit`, which says whether to go on.
template <class Visit>
bool ForEach(Evaluation& run, const Op& op, const Context& context, Size base, Visit visit) {
  Size end = run.stack.size();
  OpIndex body = run.ArgumentsOf(op)[0];
  for (Size i = base; i < end; ++i) {
    Item item = run.stack[i];
    Context inner{&item, static_cast<std::int64_t>(i - base), context.total};
    Truth truth = Truth::Unknown;
    if (!run.Test(body, inner, truth)) return false;
    if (!visit(i, truth)) break;
  }
  return true;
}

// All items must be Booleans; counts them.
bool CountBooleans(Evaluation& run, Size base, Size& trues, Size& falses) {
  trues = falses = 0;
  for (Size i = base; i < run.stack.size(); ++i) {
    Item value = run.Value(run.stack[i]);
    if (value.kind != ItemKind::Boolean) return run.Execution("something that is no Boolean");
    ++(value.boolean ? trues : falses);
  }
  return true;
}

// Which items of stack[base, middle) are equal to one of stack[middle, end).
class Finder {
 public:
  Finder(Evaluation& run, Size middle) : run_(run), middle_(middle), end_(run.stack.size()) {
    if (end_ - middle_ <= kFew) return;
    for (Size i = middle_; i < end_; ++i) hashes_.emplace(run.Hash(run.stack[i]), i);
  }
  bool Has(const Item& item) {
    if (end_ - middle_ > kFew) {
      auto [first, last] = hashes_.equal_range(run_.Hash(item));
      return std::any_of(first, last, [&](const auto& entry) { return Same(entry.second, item); });
    }
    for (Size i = middle_; i < end_; ++i)
      if (Same(i, item)) return true;
    return false;
  }

 private:
  static constexpr Size kFew = 16;
  bool Same(Size i, const Item& item) { return run_.Equal(run_.stack[i], item) == Truth::True; }
  Evaluation& run_;
  Size middle_, end_;
  std::unordered_multimap<std::uint64_t, Size> hashes_;
};

// Keeps the items of the input that the argument has, or has not.
bool Keep(Evaluation& run, const Op& op, const Context& context, Size base, bool wanted) {
  Size middle = run.stack.size(), kept = base;
  if (!run.Eval(run.ArgumentsOf(op)[0], context)) return false;
  Finder finder(run, middle);
  for (Size i = base; i < middle; ++i)
    if (finder.Has(run.stack[i]) == wanted) run.stack[kept++] = run.stack[i];
  return run.Clear(kept) && run.Spend(0);
}

bool Subset(Evaluation& run, Size base, Size middle, Size end, bool swapped) {
  if (swapped) {
    std::rotate(run.stack.begin() + static_cast<std::ptrdiff_t>(base),
                run.stack.begin() + static_cast<std::ptrdiff_t>(middle),
                run.stack.begin() + static_cast<std::ptrdiff_t>(end));
    middle = base + (end - middle);
  }
  Finder finder(run, middle);
  bool all = true;
  for (Size i = base; i < middle && all; ++i) all = finder.Has(run.stack[i]);
  return run.Replace(base, all) && run.Spend(0);
}

}  // namespace

bool Empty(Evaluation& run, const Op&, const Context&, Size base) {
  return run.Replace(base, run.stack.size() == base);
}

bool Exists(Evaluation& run, const Op& op, const Context& context, Size base) {
  if (op.count == 0) return run.Replace(base, run.stack.size() != base);
  bool found = false;
  bool done = ForEach(run, op, context, base, [&](Size, Truth truth) {
    found = truth == Truth::True;
    return !found;
  });
  return done && run.Replace(base, found);
}

bool All(Evaluation& run, const Op& op, const Context& context, Size base) {
  bool all = true;
  bool done = ForEach(run, op, context, base, [&](Size, Truth truth) {
    all = truth == Truth::True;
    return all;
  });
  return done && run.Replace(base, all);
}

bool AllTrue(Evaluation& run, const Op&, const Context&, Size base) {
  Size trues = 0, falses = 0;
  return CountBooleans(run, base, trues, falses) && run.Replace(base, falses == 0);
}
bool AnyTrue(Evaluation& run, const Op&, const Context&, Size base) {
  Size trues = 0, falses = 0;
  return CountBooleans(run, base, trues, falses) && run.Replace(base, trues != 0);
}
bool AllFalse(Evaluation& run, const Op&, const Context&, Size base) {
  Size trues = 0, falses = 0;
  return CountBooleans(run, base, trues, falses) && run.Replace(base, trues == 0);
}
bool AnyFalse(Evaluation& run, const Op&, const Context&, Size base) {
  Size trues = 0, falses = 0;
  return CountBooleans(run, base, trues, falses) && run.Replace(base, falses != 0);
}

bool SubsetOf(Evaluation& run, const Op& op, const Context& context, Size base) {
  Size middle = run.stack.size();
  return run.Eval(run.ArgumentsOf(op)[0], context) && Subset(run, base, middle, run.stack.size(), false);
}
bool SupersetOf(Evaluation& run, const Op& op, const Context& context, Size base) {
  Size middle = run.stack.size();
  return run.Eval(run.ArgumentsOf(op)[0], context) && Subset(run, base, middle, run.stack.size(), true);
}

bool Count(Evaluation& run, const Op&, const Context&, Size base) {
  auto count = static_cast<std::int64_t>(run.stack.size() - base);
  return run.Clear(base) && run.Push(count);
}

bool Distinct(Evaluation& run, const Op&, const Context&, Size base) { return run.MakeDistinct(base); }

bool IsDistinct(Evaluation& run, const Op&, const Context&, Size base) {
  Size before = run.stack.size();
  return run.MakeDistinct(base) && run.Replace(base, run.stack.size() == before);
}

bool Where(Evaluation& run, const Op& op, const Context& context, Size base) {
  Size kept = base;
  bool done = ForEach(run, op, context, base, [&](Size i, Truth truth) {
    if (truth == Truth::True) run.stack[kept++] = run.stack[i];
    return true;
  });
  return done && run.Clear(kept);
}

bool Select(Evaluation& run, const Op& op, const Context& context, Size base) {
  Size end = run.stack.size();
  for (Size i = base; i < end; ++i) {
    Item item = run.stack[i];
    if (!run.Eval(run.ArgumentsOf(op)[0], {&item, static_cast<std::int64_t>(i - base), context.total}))
      return false;
  }
  run.Drop(base, end);
  return true;
}

bool Repeat(Evaluation& run, const Op& op, const Context& context, Size base) {
  Size end = run.stack.size(), next = base;
  std::unordered_multimap<std::uint64_t, Size> values;
  std::unordered_set<std::uint64_t> nodes;
  auto is_new = [&](Size i) {
    const Item item = run.stack[i];
    if (item.kind == ItemKind::Node)
      return nodes.insert(reinterpret_cast<std::uintptr_t>(item.tree) ^ (std::uint64_t{item.node} << 40))
          .second;
    std::uint64_t hash = run.Hash(item);
    auto [first, last] = values.equal_range(hash);
    if (std::any_of(first, last,
                    [&](const auto& e) { return run.Equal(run.stack[e.second], item) == Truth::True; }))
      return false;
    values.emplace(hash, i);
    return true;
  };
  for (; next < run.stack.size(); ++next) {
    Item item = run.stack[next];
    Size before = run.stack.size();
    if (!run.Eval(run.ArgumentsOf(op)[0], {&item, 0, context.total})) return false;
    Size kept = before;
    for (Size i = before; i < run.stack.size(); ++i) {
      run.stack[kept] = run.stack[i];
      if (is_new(kept)) ++kept;
    }
    run.Clear(kept);
  }
  run.Drop(base, end);
  return true;
}

bool Single(Evaluation& run, const Op&, const Context&, Size base) {
  return run.stack.size() - base <= 1 || run.Execution("single() of several items");
}

bool First(Evaluation& run, const Op&, const Context&, Size base) {
  return run.Clear(std::min(run.stack.size(), base + 1));
}

bool Last(Evaluation& run, const Op&, const Context&, Size base) {
  if (run.stack.size() > base) run.Drop(base, run.stack.size() - 1);
  return true;
}

bool Tail(Evaluation& run, const Op&, const Context&, Size base) {
  if (run.stack.size() > base) run.Drop(base, base + 1);
  return true;
}

bool Skip(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<std::int64_t> number;
  if (!run.IntegerArgument(op, 0, context, number)) return false;
  auto size = static_cast<std::int64_t>(run.stack.size() - base);
  run.Drop(base, base + static_cast<Size>(std::clamp<std::int64_t>(number.value_or(0), 0, size)));
  return true;
}

bool Take(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::optional<std::int64_t> number;
  if (!run.IntegerArgument(op, 0, context, number)) return false;
  auto size = static_cast<std::int64_t>(run.stack.size() - base);
  return run.Clear(base + static_cast<Size>(std::clamp<std::int64_t>(number.value_or(0), 0, size)));
}

bool Intersect(Evaluation& run, const Op& op, const Context& context, Size base) {
  return Keep(run, op, context, base, true) && run.MakeDistinct(base);
}
bool Exclude(Evaluation& run, const Op& op, const Context& context, Size base) {
  return Keep(run, op, context, base, false);
}

bool Union(Evaluation& run, const Op& op, const Context& context, Size base) {
  return run.Eval(run.ArgumentsOf(op)[0], context) && run.MakeDistinct(base);
}
bool Combine(Evaluation& run, const Op& op, const Context& context, Size) {
  return run.Eval(run.ArgumentsOf(op)[0], context);
}

bool Iif(Evaluation& run, const Op& op, const Context& context, Size base) {
  if (run.stack.size() - base > 1) return run.Execution("iif() of several items");
  Context inner = context;
  std::optional<Item> self;
  if (run.stack.size() > base) self = run.stack[base], inner.self = &*self;
  run.Clear(base);
  Truth truth = Truth::Unknown;
  auto arguments = run.ArgumentsOf(op);
  if (!run.Test(arguments[0], inner, truth)) return false;
  if (truth == Truth::True) return run.Eval(arguments[1], inner);
  return op.count < 3 || run.Eval(arguments[2], inner);
}

bool Trace(Evaluation&, const Op&, const Context&, Size) {
  return true;
}  // tells nobody: data stays where it is

bool Aggregate(Evaluation& run, const Op& op, const Context& context, Size base) {
  std::vector<Item> input(run.stack.begin() + static_cast<std::ptrdiff_t>(base), run.stack.end()), total;
  run.Clear(base);
  auto take = [&] {
    total.assign(run.stack.begin() + static_cast<std::ptrdiff_t>(base), run.stack.end());
    return run.Clear(base);
  };
  if (op.count > 1 && !run.Eval(run.ArgumentsOf(op)[1], context)) return false;
  take();
  for (Size i = 0; i < input.size(); ++i) {
    if (!run.Eval(run.ArgumentsOf(op)[0], {&input[i], static_cast<std::int64_t>(i), total})) return false;
    take();
  }
  for (const auto& item : total)
    if (!run.Push(item)) return false;
  return true;
}

bool Sort(Evaluation& run, const Op& op, const Context& context, Size base) {
  struct Row {
    Item item;
    std::vector<std::optional<Item>> keys;
  };
  std::vector<Row> rows;
  Size end = run.stack.size();
  for (Size i = base; i < end; ++i) {
    Row row{run.stack[i], {}};
    Context inner{&row.item, static_cast<std::int64_t>(i - base), context.total};
    for (Size k = 0; k < op.count; ++k) {
      row.keys.emplace_back();
      if (!run.Argument(op, k, inner, row.keys.back())) return false;
    }
    if (op.count == 0) row.keys.push_back(run.Value(row.item));
    rows.push_back(std::move(row));
  }
  bool ordered = true;
  auto before = [&](const Row& a, const Row& b) {
    for (Size k = 0; k < a.keys.size(); ++k) {
      const auto& x = a.keys[k];
      const auto& y = b.keys[k];
      if (!x || !y) {  // what has no key comes first
        if (x.has_value() != y.has_value()) return !x.has_value();
        continue;
      }
      std::optional<int> order;
      ordered = run.Compare(*x, *y, order) && ordered;
      if (!order || *order == 0) continue;
      return ((op.descending >> k) & 1) != 0 ? *order > 0 : *order < 0;
    }
    return false;
  };
  if (!run.Spend(rows.size() * 8)) return false;
  std::stable_sort(rows.begin(), rows.end(), before);
  if (!ordered) return run.Execution("sort() of values that have no order");
  for (Size i = 0; i < rows.size(); ++i) run.stack[base + i] = rows[i].item;
  return true;
}

}  // namespace passerelle::path::functions
