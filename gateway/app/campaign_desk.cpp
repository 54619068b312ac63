#include "gateway/app/campaign_desk.h"

#include "gateway/api/json_writer.h"
#include "gateway/app/campaign_run.h"
#include "gateway/app/command.h"
#include "gateway/app/errors.h"

namespace passerelle::app {

CampaignDesk::~CampaignDesk() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Status CampaignDesk::Start(const api::CampaignOrder& order, OpenBench open, std::string examples) {
  std::lock_guard guard(mutex_);
  if (running_) return Error{errors::BenchBusy};
  if (thread_.joinable()) thread_.join();
  order_ = order;
  failed_.reset();
  week_ = 0;
  running_ = true;
  thread_ = std::thread([this, order, open = std::move(open), examples = std::move(examples)] {
    Run(order, open, examples);
    running_ = false;
  });
  return Ok();
}

void CampaignDesk::Run(const api::CampaignOrder& order, const OpenBench& open, const std::string& examples) {
  labelling::CampaignOptions options;
  options.weeks = order.weeks, options.seed = order.seed;
  options.go_on = [this](int week) {
    week_ = week;
    return !stopping_;
  };
  auto work = [&]() -> Status {
    TRY(auto bench, open());
    TRY(auto result, RunCampaign(*bench, examples, options));
    return stopping_ ? Ok() : SaveCampaign(folder_, result, options);
  };
  auto done = work();
  std::lock_guard guard(mutex_);
  if (!done) failed_ = done.error();
}

std::string CampaignDesk::RunningJson(Language language) const {
  std::lock_guard guard(mutex_);
  api::JsonWriter out;
  if (running_)
    return out.BeginObject()
        .Member("week", week_.load())
        .Member("weeks", order_.weeks)
        .Member("seed", static_cast<std::int64_t>(order_.seed))
        .EndObject()
        .Take();
  if (!failed_) return "null";
  const ErrorInfo& info = *failed_->info;  // where our files lie is nothing for a reader
  return out.BeginObject()
      .Member("error", language == Language::French ? info.fr : info.en)
      .EndObject()
      .Take();
}

std::string CampaignDesk::Json(Language language) const {
  std::string running = "{\"running\":" + RunningJson(language) + ",";
  auto figures = ReadFile(folder_ + (language == Language::French ? "/campaign.fr.json" : "/campaign.json"));
  if (!figures) figures = ReadFile(folder_ + "/campaign.json");
  return running + (figures && figures->starts_with('{') ? figures->substr(1) : "\"weeks\":[]}");
}

}  // namespace passerelle::app
