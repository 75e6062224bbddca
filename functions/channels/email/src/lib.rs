//! The channel to mailboxes. A mail about a question has a link of its own to it: opaque, and over with the question, whose deadline may
//! be moved. And each has one by which a mail program switches mails off.

use delivery::Carry;
use jiff::SignedDuration;
use notices::body::{Links, code_email, email};
use notices::{Action, Channel, Notice, Pass, Preferences, hash};
use ports::{Commit, CommitError, NewSecret, PortError, Record, SendEmail, SendError, Write};

/// How long a link is kept at least; that to a question, whose deadline may be moved, is over with it.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Carries notices to mailboxes.
pub struct Email<Table, Mail, Secrets> {
    /// Where links are written.
    pub table: Table,
    /// Sends.
    pub mail: Mail,
    /// Makes links that nobody can guess.
    pub secrets: Secrets,
    /// Where the API is, without a slash at its end.
    pub api_url: String,
}

impl<Table, Mail, Secrets> Carry for Email<Table, Mail, Secrets>
where
    Table: Commit + Send + Sync,
    Mail: SendEmail + Send + Sync,
    Secrets: NewSecret,
{
    const CHANNEL: Channel = Channel::Email;

    async fn carry(&self, notice: &Notice, to: &str, preferences: &Preferences) -> Result<(), SendError> {
        let links =
            self.links(notice).await.map_err(|error| SendError::NotNow { reason: error.to_string() })?;
        self.mail.send_email(to, &email(notice, &links, preferences)).await
    }

    async fn carry_code(&self, code: &str, to: &str) -> Result<(), SendError> {
        self.mail.send_email(to, &code_email(code, &format!("{}/console/preferences", self.api_url))).await
    }
}

impl<Table: Commit, Mail, Secrets: NewSecret> Email<Table, Mail, Secrets> {
    async fn links(&self, notice: &Notice) -> Result<Links, PortError> {
        let api = &self.api_url;
        let (open, asks) = match (&notice.action, &notice.run_id) {
            (Some(action), _) => {
                let (secret, pass) = self.pass(notice, Some(action))?;
                (format!("{api}/link/{secret}"), Some(pass))
            }
            (None, Some(run)) => (format!("{api}/console/runs/{run}"), None),
            (None, None) => (format!("{api}/console"), None),
        };
        let (secret, off) = self.pass(notice, None)?;
        let writes = asks.into_iter().chain([off]).map(|pass| Write::create(Record::Pass(pass))).collect();
        match self.table.commit(writes).await {
            Ok(()) | Err(CommitError::Conflict { .. }) => {}
            Err(CommitError::Port(error)) => return Err(error),
        }
        Ok(Links {
            open,
            preferences: format!("{api}/console/preferences"),
            unsubscribe: format!("{api}/unsubscribe/{secret}"),
        })
    }

    /// A secret and what it is good for: to find a question, or to switch mails off.
    fn pass(&self, notice: &Notice, asks: Option<&Action>) -> Result<(String, Pass), PortError> {
        let secret = self.secrets.new_secret()?;
        let kept = notice.at + KEPT;
        let pass = Pass {
            hash: hash(&secret),
            user_id: notice.user_id.clone(),
            task_id: asks.map(|it| it.task_id.clone()),
            switches_off: asks.is_none().then_some(Channel::Email),
            expires_at: asks.map_or(kept, |it| it.deadline.max(kept)),
            used_at: None,
        };
        Ok((secret, pass))
    }
}
