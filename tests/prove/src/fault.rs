//! What goes wrong in a case, each with a name that a replay takes.
//!
//! A fault names its place by a number: the n-th port call, question to an agent, call of a machine, question to the user, delivery or
//! batch of the run. A case is deterministic, so until its first fault it is the run without faults, whose numbers were recorded.

use events::ErrorClass;
use std::fmt;
use std::str::FromStr;

/// A case: a workflow and what goes wrong in its run.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The workflow.
    pub workflow: String,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What decides about waits within their bounds.
    pub seed: u64,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// At a port call of a function.
    Port(u64, HowPort),
    /// At a question to an agent.
    Agent(u64, Twist),
    /// At a call of a machine.
    Call(u64, HowCall),
    /// At a port call, somebody does something just before it.
    Act(u64, Act),
    /// At a question to the user.
    Answer(u64, HowAnswer),
    /// At every recovery alert.
    Help(HelpPolicy),
    /// At a hand-over of work without waiting.
    Deliver(u64, HowDelivered),
    /// At a batch of the stream: it is handed over twice.
    Stream(u64),
}

/// A family of faults, for the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing goes wrong.
    None,
    /// A function dies, or a port does not do what was asked.
    Crash,
    /// An agent fails or is slow.
    Agent,
    /// The platform fails a machine's call.
    Call,
    /// Somebody cancels, stops, revokes, aborts.
    Act,
    /// The user answers late, twice, never, otherwise.
    Answer,
    /// Something is delivered twice or not at all.
    Deliver,
    /// More than one of them.
    Pair,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Crash,
        Self::Agent,
        Self::Call,
        Self::Act,
        Self::Answer,
        Self::Deliver,
        Self::Pair,
    ];
}

/// Declares an enum whose variants have names, with the conversions.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = NoCase;
            fn from_str(text: &str) -> Result<Self, NoCase> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text).ok_or_else(|| NoCase(text.to_owned()))
            }
        }
    };
}

named! {
    /// How a port call goes wrong.
    HowPort {
        /// The function dies before it takes effect.
        DieBefore = "die-before",
        /// The function dies after it took effect.
        DieAfter = "die-after",
        /// It is refused and has no effect.
        Refuse = "refuse",
        /// It takes effect and is reported as refused.
        Lose = "lose",
        /// It takes a while, in which others go on.
        Linger = "linger",
    }
}

named! {
    /// What somebody does.
    Act {
        /// The user cancels.
        Cancel = "cancel",
        /// The user stops and keeps what was done.
        Stop = "stop",
        /// The user stops, and takes the run up again an hour after it has ended.
        Pause = "pause",
        /// The same, from the workflow's first checkpoint where the run had come to it.
        Rewind = "rewind",
        /// The user takes the consents back.
        Revoke = "revoke",
        /// Somebody aborts the execution at the platform.
        Abort = "abort",
    }
}

named! {
    /// How the user answers otherwise than expected.
    HowAnswer {
        /// After the deadline's default was taken.
        Late = "late",
        /// Not at all.
        Never = "never",
        /// Each answer twice at the same moment, and once more later.
        Twice = "twice",
        /// Just before the sweep takes the default.
        AtDeadline = "at-deadline",
        /// Just after the sweep took the default.
        AfterDeadline = "after-deadline",
        /// Leaves everything out.
        SkipAll = "skip-all",
        /// Approves everything, at the same moment.
        ApproveAll = "approve-all",
    }
}

named! {
    /// What the user does about recovery alerts.
    HelpPolicy {
        /// Provides what is missing and goes on; the last round leaves out.
        Continue = "continue",
        /// Goes on without providing what is missing.
        Deny = "deny",
        /// Overrides what can be overridden, takes ended runs up again, and reverses by hand what they could not undo.
        Thorough = "thorough",
        /// Leaves the failing part out.
        Skip = "skip",
        /// Stops.
        Stop = "stop",
        /// Does nothing.
        Never = "never",
    }
}

named! {
    /// How work that is handed over is delivered.
    HowDelivered {
        /// Twice at the same moment.
        Twice = "twice",
        /// Not at all.
        Lost = "lost",
    }
}

/// How an agent fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twist {
    /// It fails with this class before it begins anything.
    Fail(ErrorClass),
    /// The same, at this and every later question of the same kind.
    Always(ErrorClass),
    /// It does what it was asked; the answer is lost and the caller waits to its deadline.
    LoseAnswer,
    /// It does what it was asked and dies.
    DieAfter,
    /// The caller is cut off at once, the agent goes on and is done just before its deadline.
    CutOff,
    /// The caller dies at once, the agent goes on and is done just before its deadline.
    OutliveCaller,
    /// It and every agent asked after it take almost as long as they may.
    Slow,
    /// It says no to its first item.
    Decline,
    /// It says no to every item.
    DeclineAll,
    /// Its first item fails with this class, without effect.
    FailItem(ErrorClass),
    /// It does its first item and cannot say so.
    UnknownDone,
    /// It does not do its first item and cannot say so.
    UnknownNotDone,
    /// It does its first item and does not mention it.
    Silent,
    /// Its first item is no longer possible.
    NoEffect,
}

/// How a machine's call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HowCall {
    /// The function is not invoked, and this error reported.
    FailBefore(String),
    /// The function does its work, and this error is reported.
    FailAfter(String),
    /// This error is reported at once while the function is at work.
    GiveUp(String),
    /// The function is invoked and does nothing until its time is over.
    Hang,
    /// The function is invoked twice at once.
    Twice,
}

/// A text that names no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no case or fault")]
pub struct NoCase(pub String);

impl Fault {
    /// Its family.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Port(..) => Kind::Crash,
            Self::Agent(..) => Kind::Agent,
            Self::Call(..) => Kind::Call,
            Self::Act(..) => Kind::Act,
            Self::Answer(..) | Self::Help(_) => Kind::Answer,
            Self::Deliver(..) | Self::Stream(_) => Kind::Deliver,
        }
    }
}

impl Case {
    /// Its family.
    pub fn kind(&self) -> Kind {
        match self.faults.as_slice() {
            [] => Kind::None,
            [one] => one.kind(),
            _ => Kind::Pair,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        write!(f, "{}/{}/{}", self.workflow, faults.join("+"), self.seed)
    }
}

impl FromStr for Case {
    type Err = NoCase;
    fn from_str(text: &str) -> Result<Self, NoCase> {
        let wrong = || NoCase(text.to_owned());
        let mut parts = text.split('/');
        let workflow = parts.next().filter(|it| !it.is_empty()).ok_or_else(wrong)?.to_owned();
        let faults = parts.next().unwrap_or_default().split('+').filter(|it| !it.is_empty());
        let faults = faults.map(str::parse).collect::<Result<_, _>>()?;
        let seed = parts.next().map_or(Ok(0), str::parse).map_err(|_| wrong())?;
        Ok(Self { workflow, faults, seed })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(at, how) => write!(f, "port:{at}:{}", how.as_str()),
            Self::Agent(at, twist) => write!(f, "agent:{at}:{twist}"),
            Self::Call(at, how) => write!(f, "call:{at}:{how}"),
            Self::Act(at, act) => write!(f, "act:{at}:{}", act.as_str()),
            Self::Answer(at, how) => write!(f, "answer:{at}:{}", how.as_str()),
            Self::Help(policy) => write!(f, "help:{}", policy.as_str()),
            Self::Deliver(at, how) => write!(f, "deliver:{at}:{}", how.as_str()),
            Self::Stream(at) => write!(f, "stream:{at}"),
        }
    }
}

impl FromStr for Fault {
    type Err = NoCase;
    fn from_str(text: &str) -> Result<Self, NoCase> {
        let wrong = || NoCase(text.to_owned());
        let (name, rest) = text.split_once(':').ok_or_else(wrong)?;
        if name == "help" {
            return Ok(Self::Help(rest.parse()?));
        }
        let (at, how) = rest.split_once(':').unwrap_or((rest, ""));
        let at = at.parse().map_err(|_| wrong())?;
        Ok(match name {
            "port" => Self::Port(at, how.parse()?),
            "agent" => Self::Agent(at, how.parse()?),
            "call" => Self::Call(at, how.parse()?),
            "act" => Self::Act(at, how.parse()?),
            "answer" => Self::Answer(at, how.parse()?),
            "deliver" => Self::Deliver(at, how.parse()?),
            "stream" => Self::Stream(at),
            _ => return Err(wrong()),
        })
    }
}

/// Twists without a class, by name.
const TWISTS: [(Twist, &str); 11] = [
    (Twist::LoseAnswer, "lose-answer"),
    (Twist::DieAfter, "die-after"),
    (Twist::CutOff, "cut-off"),
    (Twist::OutliveCaller, "outlive-caller"),
    (Twist::Slow, "slow"),
    (Twist::Decline, "decline"),
    (Twist::DeclineAll, "decline-all"),
    (Twist::UnknownDone, "unknown-done"),
    (Twist::UnknownNotDone, "unknown-not-done"),
    (Twist::Silent, "silent"),
    (Twist::NoEffect, "no-effect"),
];

impl fmt::Display for Twist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fail(class) => write!(f, "fail={class}"),
            Self::Always(class) => write!(f, "always={class}"),
            Self::FailItem(class) => write!(f, "fail-item={class}"),
            plain => f.write_str(TWISTS.iter().find(|(it, _)| it == plain).map_or("", |(_, name)| name)),
        }
    }
}

impl FromStr for Twist {
    type Err = NoCase;
    fn from_str(text: &str) -> Result<Self, NoCase> {
        let wrong = || NoCase(text.to_owned());
        let Some((name, class)) = text.split_once('=') else {
            return TWISTS.iter().find(|(_, name)| *name == text).map(|(it, _)| *it).ok_or_else(wrong);
        };
        let class = ErrorClass::ALL.into_iter().find(|it| it.as_str() == class).ok_or_else(wrong)?;
        match name {
            "fail" => Ok(Self::Fail(class)),
            "always" => Ok(Self::Always(class)),
            "fail-item" => Ok(Self::FailItem(class)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for HowCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailBefore(error) => write!(f, "fail-before={error}"),
            Self::FailAfter(error) => write!(f, "fail-after={error}"),
            Self::GiveUp(error) => write!(f, "give-up={error}"),
            Self::Hang => f.write_str("hang"),
            Self::Twice => f.write_str("twice"),
        }
    }
}

impl FromStr for HowCall {
    type Err = NoCase;
    fn from_str(text: &str) -> Result<Self, NoCase> {
        match text.split_once('=') {
            Some(("fail-before", error)) => Ok(Self::FailBefore(error.to_owned())),
            Some(("fail-after", error)) => Ok(Self::FailAfter(error.to_owned())),
            Some(("give-up", error)) => Ok(Self::GiveUp(error.to_owned())),
            None if text == "hang" => Ok(Self::Hang),
            None if text == "twice" => Ok(Self::Twice),
            _ => Err(NoCase(text.to_owned())),
        }
    }
}
