// The campaign as a table for machines and one page for people, with charts that need no script.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "gateway/labelling/campaign.h"
#include "gateway/labelling/campaign_facts.h"
#include "gateway/labelling/campaign_parts.h"
#include "gateway/labelling/verdicts.h"
#include "gateway/labelling/words.h"

namespace passerelle::labelling {
namespace {

std::string Fixed(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// A count without decimals; a comma in French.
std::string Shown(double value, Language language) {
  auto text = Fixed(value, value == std::floor(value) ? 0 : 2);
  if (language == Language::French) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

// Curves over the weeks, in units of the drawing: 1000 wide, 200 high; the words stand around it, so that
// they can be read at any width.
constexpr double kWidth = 1000, kHeight = 200;
constexpr std::size_t kDatesMax = 5;

class Charts {
 public:
  Charts(const std::vector<WeekRow>& weeks, Language language)
      : weeks_(weeks), last_(static_cast<double>(weeks.size() - 1)), language_(language) {}

  std::string Curve(std::string_view title, double (*value)(const WeekRow&)) const {
    double top = 0;
    for (const auto& row : weeks_) top = std::max(top, value(row));
    if (top == 0) top = 1;
    return Figure(title, top, value(weeks_.back()), Drawn("counted", top, value), {});
  }

  // The labels, beside the curve that the calibration aims at.
  std::string Labels(std::string_view title, std::string_view legend) const {
    constexpr double kEnd = facts::kLabelledInTheEnd;
    auto labelled = [](const WeekRow& row) { return static_cast<double>(row.labelled); };
    double top = std::max(kEnd, labelled(weeks_.back()));
    std::string aim;
    auto warp = FitFrance();
    for (int percent = 0; percent <= 100; ++percent)
      if (double week = warp.at + warp.per_week * ItalianWeek(percent / 100.0); week >= 0 && week <= last_)
        aim += Point(week, percent / 100.0 * kEnd, top);
    return Figure(title, top, labelled(weeks_.back()), Line("aim", aim) + Drawn("counted", top, labelled),
                  legend);
  }

 private:
  std::string Point(double week, double value, double top) const {
    return Fixed(kWidth * week / std::max(1.0, last_), 1) + "," + Fixed(kHeight * (1 - value / top), 1) + " ";
  }
  static std::string Line(std::string_view style, std::string_view points) {
    return "<polyline class=\"" + std::string(style) + "\" points=\"" + std::string(points) + "\"/>";
  }
  std::string Drawn(std::string_view style, double top, double (*value)(const WeekRow&)) const {
    std::string points;
    for (std::size_t i = 0; i < weeks_.size(); ++i)
      points += Point(static_cast<double>(i), value(weeks_[i]), top);
    if (weeks_.size() == 1) points += Point(1, value(weeks_.back()), top);  // else nothing would be seen
    return Line(style, points);
  }
  // No more than there is room for, and none twice.
  std::string Dates() const {
    auto count = std::min(weeks_.size(), kDatesMax);
    std::string out = "<div class=\"axis\">";
    for (std::size_t i = 0; i < count; ++i) {
      bool outer = i == 0 || i + 1 == count;
      auto at = count == 1 ? 0 : i * (weeks_.size() - 1) / (count - 1);
      out += std::string(outer ? "<span>" : "<span class=\"wide\">") + weeks_[at].date + "</span>";
    }
    return out + "</div>";
  }
  std::string Figure(std::string_view title, double top, double end, std::string_view lines,
                     std::string_view legend) const {
    auto said = XmlText(title) + " <b>" + Shown(end, language_) + "</b>";
    std::string out = "<figure><figcaption>" + said + "</figcaption><div class=\"top\">" +
                      Shown(top, language_) +
                      "</div><svg viewBox=\"0 0 1000 200\" preserveAspectRatio=\"none\" role=\"img\" "
                      "aria-label=\"" +
                      XmlText(title) + "\"><path class=\"grid\" d=\"M0 0H1000M0 100H1000\"/>" +
                      std::string(lines) + "</svg>" + Dates();
    if (!legend.empty()) out += "<p class=\"legend\">" + XmlText(legend) + "</p>";
    return out + "</figure>\n";
  }

  const std::vector<WeekRow>& weeks_;
  double last_;
  Language language_;
};

// What is said of figures in one language.
class Page {
 public:
  explicit Page(Language language) : language_(language) {}
  std::string Say(std::string_view english) const { return XmlText(CampaignInLanguage(english, language_)); }
  std::string Heading(std::string_view english) const { return "<h2>" + Say(english) + "</h2>\n"; }

  std::string Table(const std::vector<Figure>& figures) const {
    std::string out = "<table class=\"figures\"><tr>";
    for (auto head : {"Figure", "Value", "Mark", "From"}) out += "<th>" + Say(head) + "</th>";
    out += "</tr>\n";
    for (const auto& figure : figures) {
      auto mark = std::string(MarkName(figure.mark));
      out += "<tr><td>" + Say(figure.name) + "</td><td><b>" + Say(figure.value) +
             "</b></td><td><span class=\"mark " + mark + "\">" + Say(mark) + "</span></td><td>" +
             Say(figure.source) + "</td></tr>\n";
    }
    return out + "</table>\n";
  }

  std::string TopFailing(const CampaignResult& result) const {
    constexpr std::size_t kShown = 15;
    std::string out =
        "<table><tr><th>" + Say("Requirement") + "</th><th>" + Say("Failed bench runs") + "</th></tr>";
    for (std::size_t i = 0; i < std::min(kShown, result.top_failing.size()); ++i) {
      const auto& [id, runs] = result.top_failing[i];
      const auto* requirement = catalogue_ ? catalogue_->Find(id) : nullptr;
      out += "<tr><td><b>" + id + "</b> " +
             (requirement ? XmlText(requirement->sentence.In(language_)) : "") + "</td><td>" +
             std::to_string(runs) + "</td></tr>";
    }
    return out + "</table>\n";
  }

 private:
  Language language_;
  Result<requirements::Catalogue> catalogue_ = requirements::Catalogue::Shipped();
};

constexpr std::string_view kHonesty =
    "Simulated. The vendors' defects, their speed of repair, the examiners' pace and the volumes are "
    "modelled. Every "
    "verdict comes from the bench that ran over the bytes of a version, every refusal in the field from the "
    "pipeline "
    "that read them; one message stands for all documents of a product's week.";

constexpr std::string_view kStyle =
    ":root{color-scheme:light "
    "dark;--text:#1b1f24;--page:#fff;--rule:#d0d7de;--soft:#57606a;--counted:#0969da;"
    "--aim:#bf8700;--fact:#dafbe1;--fit:#fff8c5;--model:#ffebe9;--run:#ddf4ff}"
    "@media screen and (prefers-color-scheme:dark){:root{--text:#e6edf3;--page:#0d1117;--rule:#30363d;"
    "--soft:#9198a1;--counted:#58a6ff;--aim:#d29922;--fact:#12361e;--fit:#3b2e05;--model:#4c1a1a;--run:#"
    "0c2d4f}}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;"
    "color:var(--text);background:var(--page);overflow-wrap:anywhere}"
    "h1{line-height:1.2}h2{margin-top:2.2rem;border-bottom:2px solid var(--rule)}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{border-bottom:1px solid var(--rule);"
    "padding:.35rem .7rem .35rem 0;text-align:left;vertical-align:top}th{overflow-wrap:normal}"
    "figure{margin:1.6rem 0}figcaption{font-weight:600}figcaption b{color:var(--counted)}"
    ".top,.axis,.legend{color:var(--soft);font-size:.85rem}"
    ".axis{display:flex;justify-content:space-between;gap:.8rem;flex-wrap:wrap}.legend{margin:.2rem 0}"
    "svg{width:100%;height:12rem;border-bottom:1px solid var(--soft);display:block}"
    "polyline{fill:none;stroke-width:2.5;vector-effect:non-scaling-stroke}"
    ".grid{stroke:var(--rule);vector-effect:non-scaling-stroke}"
    ".counted{stroke:var(--counted)}.aim{stroke:var(--aim);stroke-dasharray:6 5}"
    ".mark{white-space:nowrap;padding:.05rem .4rem;border-radius:.3rem}.fact{background:var(--fact)}"
    ".fit{background:var(--fit)}.model{background:var(--model)}.run{background:var(--run)}"
    ".note{background:var(--fit);padding:.6rem .8rem;border-left:4px solid var(--aim)}"
    ".key{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.8rem;padding:0;"
    "list-style:none}"
    ".key li{border:1px solid var(--rule);border-radius:.3rem;padding:.6rem .8rem}"
    ".key b{display:block;font-size:1.5rem}"
    "@media(max-width:36rem){.wide,.figures th{display:none}.figures tr{display:block;padding:.5rem 0;"
    "border-bottom:1px solid var(--rule)}.figures td{display:block;border:0;padding:0}}"
    "@media print{body{margin:0;max-width:none}figure{break-inside:avoid}}";

}  // namespace

std::string CampaignCsv(const CampaignResult& result) {
  std::string out =
      "week,date,open,labelled,refused,abandoned,surveillance,suspended,bench_runs,failed_runs,field_"
      "messages,field_refused,queue,"
      "documents_millions_simulated,sites_fed_simulated,sites_silent_simulated\n";
  for (const auto& row : result.weeks) {
    out += std::to_string(row.week) + "," + row.date;
    for (auto count : {row.open, row.labelled, row.refused, row.abandoned, row.surveillance, row.suspended,
                       row.bench_runs, row.failed_runs, row.field_messages, row.field_refused, row.queue})
      out += "," + std::to_string(count);
    out += "," + Fixed(row.documents_millions, 4) + "," + Fixed(row.sites_fed, 1) + "," +
           Fixed(row.sites_silent, 1) + "\n";
  }
  return out;
}

namespace {

std::string KeyFigures(const Page& page, const CampaignResult& result) {
  const auto& last = result.weeks.back();
  auto item = [&](std::string_view what, const std::string& figure) {
    return "<li><b>" + figure + "</b>" + page.Say(what) + "</li>";
  };
  return "<ul class=\"key\">" + item("products labelled", std::to_string(last.labelled)) +
         item("candidates", std::to_string(result.products)) +
         item("dossiers refused", std::to_string(last.refused)) +
         item("bench runs", std::to_string(result.bench_runs)) +
         item("messages of the field read by the pipeline", std::to_string(result.field_messages)) +
         "</ul>\n";
}

}  // namespace

std::string CampaignHtml(const CampaignResult& result, const CampaignOptions& options) {
  Page page(options.language);
  auto say = [&](std::string_view english) { return CampaignInLanguage(english, options.language); };
  std::string title = page.Say("Two years of labelling, simulated");
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"" + std::string(options.language == Language::French ? "fr" : "en") +
      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"><title>" +
      title + "</title><style>" + std::string(kStyle) + "</style></head><body><main>\n<h1>" + title +
      "</h1>\n";
  out += "<p class=\"note\">" + page.Say(kHonesty) + " " + page.Say("Seed") + " " +
         std::to_string(options.seed) + ", SHA-256 <code>" + result.log_digest + "</code>.</p>\n";
  out += KeyFigures(page, result) + page.Heading("The curves");
  Charts charts(result.weeks, options.language);
  out += charts.Labels(
      say("Labelled versions in the field"),
      say("Broken line: the curve that the published points and the Italian campaign suggest."));
  out += charts.Curve(say("Dossiers open"), [](const WeekRow& r) { return static_cast<double>(r.open); });
  out += charts.Curve(say("Documents fed in a week, millions (simulated)"),
                      [](const WeekRow& r) { return r.documents_millions; });
  out += charts.Curve(say("Messages refused in the field, of the week's sample"),
                      [](const WeekRow& r) { return static_cast<double>(r.field_refused); });
  out += page.Heading("Indicators") + page.Table(result.indicators);
  out += page.Heading("What fails most") + page.TopFailing(result);
  out += page.Heading("How well it fits") + page.Table(result.residuals);
  out += page.Heading("What went in") + page.Table(result.inputs);
  out += "<p>";
  constexpr std::pair<Mark, std::string_view> kMarks[] = {
      {Mark::Fact, "published"},
      {Mark::Fit, "chosen so that the curve meets published points"},
      {Mark::Model, "invented"},
      {Mark::Run, "counted in real runs; the log names the run of every step"}};
  for (const auto& [mark, meaning] : kMarks)
    out += "<span class=\"mark " + std::string(MarkName(mark)) + "\">" + page.Say(MarkName(mark)) +
           "</span> " + page.Say(meaning) + ". ";
  return out + "</p>\n</main></body></html>\n";
}

}  // namespace passerelle::labelling
