//! The moments at which a process may die and nothing may be lost. A test kills the real binary at each of them; in a
//! release they are not there.

/// A moment between two things that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// A batch of letters is written, and not yet committed: nobody was told that it is safe.
    IntakeWritten,
    /// The batch is durable, and nobody was told yet: the provider will send it again.
    IntakeCommitted,
    /// A letter is claimed, and nothing was done.
    LetterClaimed,
    /// A message is stored and parked until the customer has finished writing.
    LetterParked,
    /// The answer is written, and not yet committed.
    AnswerWritten,
    /// The answer is durable, and waits to be sent.
    AnswerCommitted,
    /// A message to a customer is claimed, and nothing was done.
    DispatchClaimed,
    /// The next step calls the provider.
    DispatchSending,
    /// The provider has it, and only the provider knows.
    DispatchSent,
    /// It is sent, and written down.
    DispatchSettled,
    /// What two people agreed on is claimed and carried out, and not yet committed.
    RequestClaimed,
    /// It is durable: money has left the wallet, and its payout waits to be sent.
    RequestExecuted,
    /// A payout is marked as submitted, and the provider was not asked.
    PayoutSubmitted,
    /// The provider has it, and only the provider knows.
    PayoutPaid,
}

impl CrashPoint {
    /// On the way of a message.
    pub const MESSAGES: [Self; 10] = [
        Self::IntakeWritten,
        Self::IntakeCommitted,
        Self::LetterClaimed,
        Self::LetterParked,
        Self::AnswerWritten,
        Self::AnswerCommitted,
        Self::DispatchClaimed,
        Self::DispatchSending,
        Self::DispatchSent,
        Self::DispatchSettled,
    ];
    /// On the way of a withdrawal.
    pub const MONEY: [Self; 4] = [
        Self::RequestClaimed,
        Self::RequestExecuted,
        Self::PayoutSubmitted,
        Self::PayoutPaid,
    ];

    /// How `FAILPOINTS` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IntakeWritten => "intake.written",
            Self::IntakeCommitted => "intake.committed",
            Self::LetterClaimed => "letter.claimed",
            Self::LetterParked => "letter.parked",
            Self::AnswerWritten => "answer.written",
            Self::AnswerCommitted => "answer.committed",
            Self::DispatchClaimed => "dispatch.claimed",
            Self::DispatchSending => "dispatch.sending",
            Self::DispatchSent => "dispatch.sent",
            Self::DispatchSettled => "dispatch.settled",
            Self::RequestClaimed => "request.claimed",
            Self::RequestExecuted => "request.executed",
            Self::PayoutSubmitted => "payout.submitted",
            Self::PayoutPaid => "payout.paid",
        }
    }

    /// Ends the process on the spot when `FAILPOINTS` says so, in a build for tests.
    #[cfg(feature = "crash-points")]
    pub fn pass(self) {
        fail::fail_point!(self.name(), |_| std::process::abort());
    }

    #[cfg(not(feature = "crash-points"))]
    pub const fn pass(self) {}

    /// Reads `FAILPOINTS`, once, in a build for tests.
    pub fn arm() {
        #[cfg(feature = "crash-points")]
        std::mem::forget(fail::FailScenario::setup());
    }
}

#[cfg(all(feature = "crash-points", not(debug_assertions)))]
compile_error!("crash points are for tests: a release must not have them");
