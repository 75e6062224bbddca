//! Asking the person at the terminal.

use anyhow::Context;
use std::io::{Write, stdin, stdout};

/// Asks for a line. Reading blocks a thread of its own, so that Ctrl-C is heard meanwhile.
pub(crate) async fn line(question: &str) -> anyhow::Result<String> {
    print!("{question} ");
    stdout().flush()?;
    tokio::task::spawn_blocking(|| {
        let mut text = String::new();
        let read = stdin().read_line(&mut text).context("the terminal cannot be read")?;
        anyhow::ensure!(read > 0, "the terminal is closed; AUTO=approve answers by itself");
        Ok(text.trim().to_owned())
    })
    .await?
}

/// Asks until the answer is one of these.
pub(crate) async fn one_of(question: &str, answers: &[&str]) -> anyhow::Result<String> {
    loop {
        let said = line(question).await?.to_lowercase();
        if answers.contains(&said.as_str()) {
            return Ok(said);
        }
        println!("  please answer {}", answers.join(", "));
    }
}

/// Asks for yes or no; nothing said is yes.
pub(crate) async fn yes(question: &str) -> anyhow::Result<bool> {
    Ok(matches!(
        one_of(&format!("{question} [Y/n]"), &["", "y", "yes", "n", "no"]).await?.as_str(),
        "" | "y" | "yes"
    ))
}
