# Writes tables as one C++ file that defines FUNCTION: cmake -DOUT=... -DFOLDER=... -DFUNCTION=... -DHEADER=... -P embed.cmake

file(GLOB tables ${FOLDER}/*.*)
list(SORT tables)
set(code "// Made from the tables by embed.cmake.\n#include \"${HEADER}\"\n\n")
string(APPEND code "namespace passerelle {\n\n")
string(APPEND code "std::span<const requirements::SourceFile> ${FUNCTION}() {\n  static const requirements::SourceFile tables[] = {\n")
foreach(table ${tables})
  get_filename_component(name ${table} NAME)
  file(READ ${table} text)
  string(APPEND code "{\"${name}\", R\"__req__(${text})__req__\"},\n")
endforeach()
string(APPEND code "  };\n  return tables;\n}\n\n}  // namespace passerelle\n")
file(WRITE ${OUT} "${code}")
