#pragma once
// Archive: the metadata of an IHE_XDM.zip as a tree, with the files that stand around it, and back into a
// ZIP.
//
// The root of the tree is SubmitObjectsRequest. Each file of the archive is a child "file" of it: `@name`,
// `@size`, `@hash` (SHA-1), and `@local`, the name below the folder of the metadata as their URI has it.

#include <span>
#include <string>
#include <string_view>

#include "fhir_model/node/tree.h"
#include "gateway/labelling/zip.h"

namespace passerelle::labelling {

// IHE_XDM/SUBSETnn/METADATA.XML.
bool IsMetadata(std::string_view name);

// METADATA.XML alone: nothing stands around it.
Result<node::Tree> ReadMetadata(std::string bytes);
// That of an archive.
Result<node::Tree> ReadMetadata(const ZipFile& metadata, std::span<const ZipFile> files);

// The metadata without the files.
std::string WriteMetadata(node::Tree tree);
// The archive whose `metadata` is now this tree: a file that the tree no longer has is left out, one that it
// names otherwise is called so.
std::string WriteArchive(node::Tree tree, const ZipFile& metadata, std::span<const ZipFile> files);

}  // namespace passerelle::labelling
