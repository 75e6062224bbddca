//! Following a run to its end: the card is drawn, its questions are answered, and what the user does in the middle is done.

use crate::answering::Answering;
use crate::api::Api;
use crate::faults::Word;
use crate::interruption::Interruption;
use crate::sandbox::Sandbox;
use crate::screen::Screen;
use crate::settings::Auto;
use crate::wire::Card;
use events::RunId;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at what changes.
const LOOK: Duration = Duration::from_millis(500);

/// How long the last events, and the impact of a completed run, may take.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// Looks in a row that may fail before the demo gives up.
const MISSES: u32 = 10;

/// A run that is followed.
pub(crate) struct Following<'a> {
    api: &'a Api,
    run: &'a RunId,
    answering: Answering<'a>,
    interruption: Option<Interruption<'a>>,
}

impl<'a> Following<'a> {
    pub(crate) fn new(
        api: &'a Api,
        sandbox: &'a Sandbox,
        access_token: &'a str,
        auto: Auto,
        run: &'a RunId,
    ) -> Self {
        Self { api, run, answering: Answering::new(api, sandbox, access_token, auto), interruption: None }
    }

    /// The same while the platform fails.
    pub(crate) fn interrupted(self, interruption: Interruption<'a>) -> Self {
        Self { interruption: Some(interruption), ..self }
    }

    /// Follows it until it ends; the user has this word in the middle of it.
    pub(crate) async fn until_it_ends(&mut self, mut word: Option<Word>) -> anyhow::Result<Card> {
        let mut screen = Screen::new();
        let mut misses = 0;
        let mut ended_at = None;
        loop {
            let card = match self.api.card(self.run).await {
                Ok(card) => card,
                Err(error) if misses >= MISSES => return Err(error),
                Err(_) => {
                    misses += 1;
                    sleep(LOOK).await;
                    continue;
                }
            };
            misses = 0;
            screen.draw(&card)?;
            if card.has_ended() {
                let waited = *ended_at.get_or_insert_with(Instant::now);
                let awaited = card.behind || card.status == "Completed" && card.completion.is_none();
                if !awaited || waited.elapsed() > LAST_WORDS {
                    screen.erase()?;
                    println!();
                    return Ok(card);
                }
            } else if let Some(interruption) = &mut self.interruption
                && let Some(agent) = interruption.strike().await?
            {
                screen.erase()?;
                println!("* the platform ends the process of {agent} in the middle of its call");
            } else if let Some(due) = word.take_if(|word| word.is_due(&card)) {
                screen.erase()?;
                self.say(due).await?;
            } else if card.may_ask() {
                for question in self.api.questions(self.run).await?.tasks {
                    screen.erase()?;
                    self.answering.answer(&question).await?;
                }
            }
            sleep(LOOK).await;
        }
    }

    async fn say(&self, word: Word) -> anyhow::Result<()> {
        match word {
            Word::Revoke(scope) => {
                println!("* you take the consent {scope} back");
                self.api.revoke(scope).await
            }
            Word::Cancel => {
                println!("* you cancel: everything is to be undone");
                self.api.end(self.run, "cancel").await
            }
            Word::Stop => {
                println!("* you stop: what was done is kept");
                self.api.end(self.run, "stop").await
            }
        }
    }
}
