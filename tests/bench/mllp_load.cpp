// A sender of ADT messages over MLLP: as many connections as asked, each waits for its acknowledgement before
// it sends the next. Prints one JSON line: messages a second, latencies, and the processor time of this
// client itself.
//
//     mllp_load PORT CONNECTIONS SECONDS

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// Fictitious people, one for each message.
std::string Admission(const std::string& id) {
  return "\x0bMSH|^~\\&|SIH|HOPITAL|PASSERELLE|DOSSIER|20260301120000||ADT^A01^ADT_A01|" + id +
         "|P|2.5^FRA^2.11||||||UNICODE UTF-8\rEVN||20260301120000\rPID|||" + id +
         "^^^CHU-BENCH&1.2.250.1.999.1&ISO^PI||ESSAI^CAMILLE^LOU^^^^L||19800101|F|||1 RUE DE "
         "L'ESSAI^^PARIS^^75001^FRA^H"
         "||^PRN^PH^^^^^^^^^0100000000\rPV1||I|CARDIO^101^1^CHU-BENCH||||10001^MARTIN^DOMINIQUE||||||||||||"
         "S" +
         id + "^^^CHU-BENCH|||||||||||||||||||||||||20260301120000\r\x1c\r";
}

struct Line {
  std::vector<double> latencies_ms;
  std::size_t accepted = 0, refused = 0;
};

int ConnectTo(std::uint16_t port) {
  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  return socket;
}

// One message and its acknowledgement; empty when the connection ended.
std::string Exchange(int socket, const std::string& message) {
  if (::send(socket, message.data(), message.size(), MSG_NOSIGNAL) != std::ssize(message)) return {};
  std::string answer;
  char buffer[4096];
  while (!answer.ends_with("\x1c\r")) {
    auto got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer;
}

void Send(std::uint16_t port, const std::string& name, Clock::time_point end, Line& line) {
  int socket = ConnectTo(port);
  for (std::size_t i = 0; Clock::now() < end; ++i) {
    std::string message = Admission(name + "X" + std::to_string(i));
    auto begun = Clock::now();
    std::string answer = Exchange(socket, message);
    if (answer.empty()) break;
    line.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
    bool accepted = answer.find("MSA|AA") != answer.npos || answer.find("MSA|CA") != answer.npos;
    ++(accepted ? line.accepted : line.refused);
  }
  ::close(socket);
}

double Percentile(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0
                        : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: mllp_load PORT CONNECTIONS SECONDS\n", stderr);
    return 2;
  }
  auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  auto connections = static_cast<std::size_t>(std::atoi(argv[2]));
  double seconds = std::atof(argv[3]);
  auto begun = Clock::now();
  auto end = begun + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
  std::string run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count() % 100'000'000);
  std::vector<Line> lines(connections);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < connections; ++i)
    threads.emplace_back(Send, port, run + "C" + std::to_string(i), end, std::ref(lines[i]));
  for (auto& thread : threads) thread.join();
  double took = std::chrono::duration<double>(Clock::now() - begun).count();

  std::vector<double> all;
  std::size_t accepted = 0, refused = 0;
  for (const auto& line : lines) {
    all.insert(all.end(), line.latencies_ms.begin(), line.latencies_ms.end());
    accepted += line.accepted;
    refused += line.refused;
  }
  std::sort(all.begin(), all.end());
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
             static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  std::printf(
      "{\"connections\":%zu,\"accepted\":%zu,\"refused\":%zu,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%"
      ".2f,"
      "\"client_cpu_s\":%.2f}\n",
      connections, accepted, refused, static_cast<double>(accepted) / took, Percentile(all, 0.50),
      Percentile(all, 0.99), cpu);
  return refused == 0 && accepted > 0 ? 0 : 1;
}
