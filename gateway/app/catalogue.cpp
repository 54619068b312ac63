#include "gateway/app/catalogue.h"

namespace passerelle::app {

Catalogue AllSentences() {
  return {{
#define RULE(name, id, severity, issue_type, en, fr) RuleInfo{id, Severity::severity, issue_type, en, fr},
#include "fhir_model/base/rules.def"
#include "gateway/access/rules.def"
#include "gateway/record/rules.def"
#include "mappers/cda/rules.def"
#include "mappers/convert/rules.def"
#include "mappers/engine/rules.def"
#include "mappers/hl7v2/rules.def"
#include "mappers/normalise/rules.def"
#include "profiles/validator/rules.def"
#undef RULE
          },
          {
#define ERROR(code, name, http, ack, err, issue, en, fr) \
  ErrorInfo{code, #name, http, ack, err, issue, en, fr},
#include "fhir_model/base/errors.def"
#include "fhir_model/json/errors.def"
#include "fhir_model/path/errors.def"
#include "fhir_model/spec/errors.def"
#include "fhir_model/xml/errors.def"
#include "gateway/access/errors.def"
#include "gateway/api/errors.def"
#include "gateway/app/errors.def"
#include "gateway/inputs/errors.def"
#include "gateway/labelling/errors.def"
#include "gateway/net/errors.def"
#include "gateway/pipeline/errors.def"
#include "gateway/store/errors.def"
#include "gateway/targets/errors.def"
#include "mappers/engine/errors.def"
#include "mappers/hl7v2/errors.def"
#include "mappers/normalise/errors.def"
#include "profiles/packages/errors.def"
#include "profiles/requirements/errors.def"
#include "profiles/validator/errors.def"
#undef ERROR
          }};
}

}  // namespace passerelle::app
