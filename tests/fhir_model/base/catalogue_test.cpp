// Every errors.def and rules.def of the house: codes, names and ids are permanent and never mean two things.

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace passerelle {
namespace {

namespace fs = std::filesystem;

struct Row {
  std::string file;
  std::vector<std::string> fields;
};

// The rows of one .def file: MACRO(field, "field", ...), quoted pieces that follow each other joined.
std::vector<Row> RowsOf(const fs::path& path, const std::string& macro) {
  std::ifstream in(path);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  std::string text = bytes.str();
  std::vector<Row> rows;
  for (auto at = text.find("\n" + macro + "("); at != text.npos; at = text.find("\n" + macro + "(", at + 1)) {
    Row row{path.generic_string(), {""}};
    bool quoted = false;
    for (auto i = at + macro.size() + 2; i < text.size() && (quoted || text[i] != ')'); ++i) {
      char c = text[i];
      if (c == '\\' && quoted)
        row.fields.back() += text[++i];
      else if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        row.fields.emplace_back();
      else if (quoted || !std::isspace(static_cast<unsigned char>(c)))
        row.fields.back() += c;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> AllRows(const std::string& file_name, const std::string& macro) {
  std::vector<Row> rows;
  for (const char* room : {"fhir_model", "mappers", "profiles", "gateway"})
    for (const auto& entry : fs::recursive_directory_iterator(room))
      if (entry.path().filename() == file_name)
        for (auto& row : RowsOf(entry.path(), macro)) rows.push_back(std::move(row));
  return rows;
}

void CheckUnique(const std::vector<Row>& rows, std::size_t field) {
  std::map<std::string, std::string> seen;
  for (const auto& row : rows) {
    INFO(row.file << ": " << row.fields[field]);
    auto [first, is_new] = seen.emplace(row.fields[field], row.file);
    INFO("also in " << first->second);
    CHECK(is_new);
  }
}

}  // namespace

TEST_CASE("an error's code and name mean one thing, in both languages", "[catalogue]") {
  auto rows = AllRows("errors.def", "ERROR");
  REQUIRE(rows.size() > 40);
  for (const auto& row : rows) {
    INFO(row.file << ": " << row.fields[1]);
    REQUIRE(row.fields.size() == 8);
    CHECK((row.fields[3] == "AE" || row.fields[3] == "AR"));
    CHECK_FALSE(row.fields[6].empty());
    CHECK_FALSE(row.fields[7].empty());
  }
  CheckUnique(rows, 0);
  CheckUnique(rows, 1);
}

TEST_CASE("a rule's id means one thing, in both languages", "[catalogue]") {
  auto rows = AllRows("rules.def", "RULE");
  REQUIRE(rows.size() > 20);
  for (const auto& row : rows) {
    INFO(row.file << ": " << row.fields[1]);
    REQUIRE(row.fields.size() == 6);
    CHECK_FALSE(row.fields[4].empty());
    CHECK_FALSE(row.fields[5].empty());
  }
  CheckUnique(rows, 1);
}

}  // namespace passerelle
