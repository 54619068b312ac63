// The campaign as a table for machines and one page for people, with charts that need no script.

#include <algorithm>
#include <cstdio>

#include "gateway/labelling/campaign.h"
#include "gateway/labelling/verdicts.h"

namespace passerelle::labelling {
namespace {

std::string Fixed(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

constexpr int kWidth = 860, kHeight = 240, kLeft = 56, kBottom = 28;

// A line over the weeks.
std::string Chart(const std::string& title, const std::vector<WeekRow>& weeks,
                  double (*value)(const WeekRow&)) {
  double top = 0;
  for (const auto& row : weeks) top = std::max(top, value(row));
  if (top == 0) top = 1;
  double step =
      static_cast<double>(kWidth - kLeft) / static_cast<double>(std::max<std::size_t>(1, weeks.size() - 1));
  std::string points;
  for (std::size_t i = 0; i < weeks.size(); ++i)
    points += Fixed(kLeft + step * static_cast<double>(i), 1) + "," +
              Fixed((kHeight - kBottom) * (1 - value(weeks[i]) / top) + 4, 1) + " ";
  auto text = [](double x, double y, const std::string& what, const char* anchor) {
    return "<text x=\"" + Fixed(x, 0) + "\" y=\"" + Fixed(y, 0) + "\" text-anchor=\"" + anchor + "\">" +
           what + "</text>";
  };
  return "<figure><figcaption>" + XmlText(title) + "</figcaption><svg viewBox=\"0 0 " +
         std::to_string(kWidth + 10) + " " + std::to_string(kHeight) +
         "\" role=\"img\"><polyline fill=\"none\" stroke=\"#0969da\" stroke-width=\"2\" points=\"" + points +
         "\"/><line x1=\"56\" y1=\"216\" x2=\"860\" y2=\"216\" stroke=\"#57606a\"/>" +
         text(50, 14, Fixed(top, top < 10 ? 2 : 0), "end") + text(50, 216, "0", "end") +
         text(56, 236, weeks.front().date, "start") + text(860, 236, weeks.back().date, "end") +
         "</svg></figure>\n";
}

std::string Table(const std::vector<Figure>& figures) {
  std::string out = "<table><tr><th>Figure</th><th>Value</th><th>Mark</th><th>From</th></tr>\n";
  for (const auto& figure : figures)
    out += "<tr><td>" + XmlText(figure.name) + "</td><td>" + XmlText(figure.value) + "</td><td class=\"" +
           std::string(MarkName(figure.mark)) + "\">" + std::string(MarkName(figure.mark)) + "</td><td>" +
           XmlText(figure.source) + "</td></tr>\n";
  return out + "</table>\n";
}

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{border:1px solid #d0d7de;padding:.3rem "
    ".5rem;text-align:left;"
    "vertical-align:top}th{background:#f6f8fa}figure{margin:1.2rem "
    "0}figcaption{font-weight:600}svg{width:100%;height:auto;font:11px "
    "system-ui}.fact{background:#dafbe1}.fit{background:#fff8c5}.model{background:#ffebe9}.run{background:#"
    "ddf4ff}"
    ".note{background:#fff8c5;padding:.6rem .8rem;border-left:4px solid #bf8700}";

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

std::string CampaignHtml(const CampaignResult& result, const CampaignOptions& options) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
      "http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>Two years of labelling, "
      "simulated</title><style>" +
      std::string(kStyle) + "</style></head><body>\n<h1>Two years of labelling, simulated</h1>\n";
  out +=
      "<p class=\"note\">Simulated. The vendors' defects, their speed of repair, the examiners' pace and the "
      "volumes are modelled. "
      "Every verdict comes from the bench that ran over the bytes of a version (" +
      std::to_string(result.bench_runs) +
      " runs), every refusal in the field from the pipeline that read them (" +
      std::to_string(result.field_messages) +
      " messages; each stands for all documents of a product's week). Seed " + std::to_string(options.seed) +
      ", log SHA-256 <code>" + result.log_digest + "</code>.</p>\n<h2>The curve</h2>\n";
  out += Chart("Labelled versions in the field", result.weeks,
               [](const WeekRow& r) { return static_cast<double>(r.labelled); });
  out += Chart("Dossiers open", result.weeks, [](const WeekRow& r) { return static_cast<double>(r.open); });
  out += Chart("Documents fed in a week, millions (simulated)", result.weeks,
               [](const WeekRow& r) { return r.documents_millions; });
  out += Chart("Messages refused in the field, of the week's sample", result.weeks,
               [](const WeekRow& r) { return static_cast<double>(r.field_refused); });
  out += "<h2>Indicators</h2>\n" + Table(result.indicators);
  out += "<h2>What fails most</h2>\n<table><tr><th>Requirement</th><th>Failed bench runs</th></tr>";
  for (std::size_t i = 0; i < std::min<std::size_t>(15, result.top_failing.size()); ++i)
    out += "<tr><td>" + result.top_failing[i].first + "</td><td>" +
           std::to_string(result.top_failing[i].second) + "</td></tr>";
  out += "</table>\n<h2>How well it fits</h2>\n" + Table(result.residuals);
  out += "<h2>What went in</h2>\n" + Table(result.inputs);
  out +=
      "<p>Marks: <span class=\"fact\">fact</span> published, <span class=\"fit\">fit</span> chosen so that "
      "the curve meets published "
      "points, <span class=\"model\">model</span> invented, <span class=\"run\">run</span> counted in real "
      "runs; the log names the run "
      "of every step.</p>\n";
  return out + "</body></html>\n";
}

}  // namespace passerelle::labelling
