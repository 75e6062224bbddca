//! Where the card is drawn: in place on a terminal, else line by line as it changes.

use crate::card;
use crate::wire::Card;
use crossterm::cursor::{Hide, MoveToColumn, MoveUp, Show};
use crossterm::terminal::{Clear, ClearType, size};
use crossterm::{ExecutableCommand, QueueableCommand};
use jiff::Timestamp;
use std::io::{IsTerminal, Write, stdout};

/// Columns where the terminal does not say.
const COLUMNS: u16 = 100;

/// Where the card is drawn.
pub(crate) struct Screen {
    terminal: bool,
    /// Lines of the card that are on the terminal.
    drawn: u16,
    /// The last line printed elsewhere.
    last: String,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { terminal: stdout().is_terminal(), drawn: 0, last: String::new() }
    }

    /// Draws the card over what was drawn before.
    pub(crate) fn draw(&mut self, card: &Card) -> anyhow::Result<()> {
        if !self.terminal {
            let line = card::line(card);
            if line != self.last {
                println!("{line}");
                self.last = line;
            }
            return Ok(());
        }
        let (width, height) = size().unwrap_or((COLUMNS, u16::MAX));
        let mut lines = vec![String::new()];
        lines.extend(card::lines(card, Timestamp::now(), usize::from(width)));
        // What is scrolled out of the window cannot be redrawn.
        lines.truncate(usize::from(height.saturating_sub(1)));
        self.erase()?;
        let mut out = stdout();
        out.queue(Hide)?;
        for line in &lines {
            writeln!(out, "{line}")?;
        }
        self.drawn = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        Ok(out.flush()?)
    }

    /// Takes the card away, so that something else can be said in its place.
    pub(crate) fn erase(&mut self) -> anyhow::Result<()> {
        if self.drawn > 0 {
            stdout()
                .queue(MoveUp(self.drawn))?
                .queue(MoveToColumn(0))?
                .queue(Clear(ClearType::FromCursorDown))?
                .queue(Show)?
                .flush()?;
            self.drawn = 0;
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal as it was, whatever happened.
pub fn restore() {
    if stdout().is_terminal() {
        // Nothing can be done about a terminal that is gone.
        let _ = stdout().execute(Show);
    }
}
