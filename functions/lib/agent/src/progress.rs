//! Reporting while an agent works: the latest word only, at most one a second, the last one always, and never in the way.

use bytes::Bytes;
use events::{AgentMessage, Content, Context, MessageType, ProgressAddress, RunId, StepId};
use http::Request;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use money::Money;
use providers::Session;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The shortest time between two messages: a receiver writes each one down.
const APART: Duration = Duration::from_secs(1);

/// How long a message may take, and how long the end of the work waits for the last one.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something to report.
#[derive(Clone, Debug)]
pub struct Update {
    headline: String,
    technical: String,
    percent: u8,
    confidence: f64,
    alternatives: Vec<String>,
}

impl Update {
    /// One line for the user and how far the step is, 0 to 100.
    pub fn new(headline: impl Into<String>, percent: u8) -> Self {
        Self {
            headline: headline.into(),
            technical: String::new(),
            percent: percent.min(100),
            confidence: 1.0,
            alternatives: Vec::new(),
        }
    }

    /// For engineers; no amounts, names or tokens.
    #[must_use]
    pub fn technical(mut self, text: impl Into<String>) -> Self {
        self.technical = text.into();
        self
    }

    /// How sure the agent is, 0 to 1.
    #[must_use]
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence.clamp(0.0, 1.0);
        self
    }

    /// What else could be done.
    #[must_use]
    pub fn alternatives(mut self, alternatives: Vec<String>) -> Self {
        self.alternatives = alternatives;
        self
    }
}

/// Where an agent reports. Without an address it says everything to nobody.
pub struct Progress {
    run_id: RunId,
    step_id: StepId,
    figures: Mutex<Map<String, Value>>,
    place: Mutex<Place>,
    poster: Option<Poster>,
}

/// How far the work is.
struct Place {
    /// Items that are settled.
    done: usize,
    /// Of how many.
    of: usize,
    /// What was said last.
    percent: u8,
}

struct Poster {
    latest: watch::Sender<Option<Bytes>>,
    /// Dropped when the work is over.
    work: watch::Sender<()>,
    posting: JoinHandle<()>,
}

impl Progress {
    /// Reports to an address, over the connections of this invocation.
    pub(crate) fn to(
        address: Option<&ProgressAddress>,
        session: Session,
        run_id: RunId,
        step_id: StepId,
    ) -> Self {
        let poster = address.map(|address| {
            let (latest, messages) = watch::channel(None);
            let (work, over) = watch::channel(());
            let posting = tokio::spawn(post(messages, over, session, address.clone()));
            Poster { latest, work, posting }
        });
        let place = Mutex::new(Place { done: 0, of: 1, percent: 0 });
        Self { run_id, step_id, figures: Mutex::default(), place, poster }
    }

    /// What is said from now on is about the next of `of` items; its percents are of that item.
    pub(crate) fn at_item(&self, done: usize, of: usize) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        (place.done, place.of) = (done, of.max(1));
    }

    /// Sets a figure that every later message carries in `visualData`, such as `promisedMonthly`: an [`events::Figure`], or whatever
    /// a chart is drawn from.
    pub fn figure(&self, name: &str, value: &impl Serialize) {
        if let Ok(value) = serde_json::to_value(value) {
            self.figures.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value);
        }
    }

    /// Adds to a figure that counts up while items are done. What is in another currency is left out.
    pub fn count(&self, name: &str, more: Money) {
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let before = figures.get(name).cloned().and_then(|value| shell::parse::<Money>(value).ok());
        drop(figures);
        let sum = match before {
            Some(before) => before.add(more).unwrap_or(before),
            None => more,
        };
        self.figure(name, &sum);
    }

    /// Says how it stands.
    pub fn say(&self, mut update: Update) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let percent = (place.done * 100 + usize::from(update.percent)) / place.of;
        place.percent = u8::try_from(percent).unwrap_or(100).min(100);
        update.percent = place.percent;
        drop(place);
        self.send(MessageType::Status, update);
    }

    /// The last word. To have looked or to ask finishes nothing: it is as far as was said last, unless `percent` knows better.
    pub(crate) fn done(&self, headline: impl Into<String>, percent: Option<u8>) {
        let said = self.place.lock().unwrap_or_else(PoisonError::into_inner).percent;
        self.send(MessageType::Result, Update::new(headline, percent.unwrap_or(said)));
    }

    /// Says that it failed.
    pub(crate) fn failed(&self, update: Update) {
        self.send(MessageType::Error, update);
    }

    fn send(&self, message_type: MessageType, update: Update) {
        let Some(poster) = &self.poster else { return };
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let message = AgentMessage {
            run_id: self.run_id.clone(),
            step_id: self.step_id.clone(),
            message_type,
            content: Content {
                headline: update.headline,
                technical: update.technical,
                visual_data: (!figures.is_empty()).then(|| Value::Object(figures.clone())),
                user_action: None,
            },
            context: Context {
                step_progress: update.percent,
                confidence_level: update.confidence,
                alternative_actions: update.alternatives,
            },
        };
        // Neither a message that cannot be written nor a poster that is gone is worth an error.
        if let Ok(body) = serde_json::to_vec(&message) {
            let _ = poster.latest.send(Some(Bytes::from(body)));
        }
    }

    /// Gives the last message its chance.
    pub(crate) async fn finish(self) {
        let Some(Poster { latest, work, mut posting }) = self.poster else { return };
        drop((latest, work));
        if timeout(PATIENCE, &mut posting).await.is_err() {
            posting.abort();
        }
    }
}

/// Posts the latest message until there is nobody to send one any more.
async fn post(
    mut latest: watch::Receiver<Option<Bytes>>,
    mut work: watch::Receiver<()>,
    session: Session,
    address: ProgressAddress,
) {
    // `changed` answers for an unseen message even after the work is over, so the last one is never lost here.
    while latest.changed().await.is_ok() {
        let body = latest.borrow_and_update().clone();
        if let Some(body) = body {
            deliver(body, &session, &address).await;
        }
        tokio::select! {
            () = sleep(APART) => {}
            // The work is over: what was said last goes out at once.
            _ = work.changed() => {}
        }
    }
}

/// One delivery; what comes of it matters to nobody.
async fn deliver(body: Bytes, session: &Session, address: &ProgressAddress) {
    let request = Request::post(&address.url)
        .header(CONTENT_TYPE, "application/json")
        .header(AUTHORIZATION, format!("Bearer {}", address.token))
        .body(body);
    let Ok(request) = request else { return };
    match timeout(PATIENCE, session.send(request)).await {
        Ok(Ok(answer)) if answer.status.is_success() => {}
        Ok(Ok(answer)) => tracing::debug!(progress.status = answer.status.as_u16(), "progress refused"),
        Ok(Err(_)) | Err(_) => tracing::debug!("progress lost"),
    }
}
