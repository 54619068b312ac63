# Writes the requirement tables as one C++ file: cmake -DOUT=... -DFOLDER=... -P embed.cmake

file(GLOB tables ${FOLDER}/*.req)
list(SORT tables)
set(code "// Made from the tables by embed.cmake.\n#include \"profiles/requirements/requirement.h\"\n\n")
string(APPEND code "namespace passerelle::requirements {\n\n")
string(APPEND code "std::span<const SourceFile> ShippedTables() {\n  static const SourceFile tables[] = {\n")
foreach(table ${tables})
  get_filename_component(name ${table} NAME)
  file(READ ${table} text)
  string(APPEND code "{\"${name}\", R\"__req__(${text})__req__\"},\n")
endforeach()
string(APPEND code "  };\n  return tables;\n}\n\n}  // namespace passerelle::requirements\n")
file(WRITE ${OUT} "${code}")
