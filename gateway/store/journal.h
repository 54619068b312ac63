#pragma once
// Journal: every message as it was received, and the steps of its fate.

#include "gateway/store/chain.h"
#include "gateway/store/session.h"

namespace passerelle::store {

// How long the same bytes from the same sender are the same message.
inline constexpr std::chrono::days kRepeatWindow{30};

// `sha256` (32 bytes) is of the frame's bytes, which stand in a file already when they are over kInlineBytesMax. `seq`
// is the frame's number if it is no repeat.
Result<pipeline::Receipt> KeepFrame(const Session& session, pipeline::Seq seq, const pipeline::Frame& frame,
                                    std::string_view sha256);
Status DecideMessage(const Session& session, pipeline::Seq seq, const pipeline::Outcome& outcome);
Status SetMessageState(const Session& session, pipeline::Seq seq, pipeline::State state,
                       std::string_view cause);

Result<std::optional<pipeline::KeptMessage>> ReadMessage(const Session& session, pipeline::Seq seq);
Result<std::vector<pipeline::KeptMessage>> ReadMessages(const Session& session,
                                                        const pipeline::MessageFilter& filter);
Result<std::vector<pipeline::Decision>> ReadDecisions(const Session& session, pipeline::Seq seq);
Result<std::string> ReadMessageBytes(const Session& session, pipeline::Seq seq);
Result<pipeline::MessageBody> ReadMessageAbridged(const Session& session, pipeline::Seq seq);
Result<bool> IsKept(const Session& session, std::string_view sha256);
Result<std::vector<pipeline::Seq>> UndecidedMessages(const Session& session);

// At most `count_max` rows after row `after`.
Result<ChainCheck> CheckMessageChain(const Session& session, std::int64_t after, std::int64_t count_max);
Result<ChainCheck> CheckStepChain(const Session& session, std::int64_t after, std::int64_t count_max);

}  // namespace passerelle::store
