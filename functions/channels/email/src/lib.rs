//! The channel to mailboxes. A mail about a question has a link of its own to it: opaque, and good until the question's deadline.

use delivery::Carry;
use notices::body::{Links, email};
use notices::{Channel, Notice, Pass, Preferences, hash};
use ports::{Commit, CommitError, NewSecret, PortError, Record, SendEmail, SendError, Write};

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
}

impl<Table: Commit, Mail, Secrets: NewSecret> Email<Table, Mail, Secrets> {
    async fn links(&self, notice: &Notice) -> Result<Links, PortError> {
        let api = &self.api_url;
        let open = match (&notice.action, &notice.run_id) {
            (Some(action), _) => {
                let secret = self.secrets.new_secret()?;
                let pass = Pass {
                    hash: hash(&secret),
                    user_id: notice.user_id.clone(),
                    task_id: Some(action.task_id.clone()),
                    expires_at: action.deadline,
                    used_at: None,
                };
                match self.table.commit(vec![Write::create(Record::Pass(pass))]).await {
                    Ok(()) | Err(CommitError::Conflict { .. }) => {}
                    Err(CommitError::Port(error)) => return Err(error),
                }
                format!("{api}/link/{secret}")
            }
            (None, Some(run)) => format!("{api}/console/runs/{run}"),
            (None, None) => format!("{api}/console"),
        };
        Ok(Links { open, preferences: format!("{api}/console/preferences") })
    }
}
