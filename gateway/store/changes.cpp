#include "gateway/store/changes.h"

#include <functional>

namespace passerelle::store {

ChangeKey ChangeKeyOf(std::initializer_list<std::string_view> parts) {
  ChangeKey key = 0x9e3779b97f4a7c15u;
  for (auto part : parts) key = (key ^ std::hash<std::string_view>()(part)) * 0xff51afd7ed558ccdu;
  return key ^ key >> 32;
}

}  // namespace passerelle::store
