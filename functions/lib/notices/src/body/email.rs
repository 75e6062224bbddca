//! A notice as an e-mail: the same words in HTML and as text.

use crate::kind::NoticeKind;
use crate::notice::{Action, Notice};
use crate::preferences::Preferences;
use crate::words::cut;
use jiff::Timestamp;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 120;

/// An e-mail without its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Email {
    /// The subject, of one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Where a mail program asks, by POST alone, that no more of these come (RFC 8058).
    pub unsubscribe: String,
}

/// Where an e-mail leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The one-time link to the question, else to what the notice is about.
    pub open: String,
    /// Where its reader says what to be told.
    pub preferences: String,
    /// Where a mail program says that nothing more is wanted.
    pub unsubscribe: String,
}

/// The mail of a notice, with times by its reader's clock.
pub fn email(notice: &Notice, links: &Links, preferences: &Preferences) -> Email {
    let label = notice.action.as_ref().map_or("Open", |action| action.label.as_str());
    // What is to be undone by hand waits for good.
    let waits = notice.action.as_ref().filter(|action| action.deadline < Timestamp::MAX);
    let until = waits.map(|action| until(action, preferences));
    Email {
        subject: cut(&notice.title.replace(char::is_control, " "), LONGEST_SUBJECT),
        text: text(notice, label, until.as_deref(), links),
        html: html(notice, label, until.as_deref(), links),
        unsubscribe: links.unsubscribe.clone(),
    }
}

fn until(action: &Action, preferences: &Preferences) -> String {
    let clock = preferences.clock(action.deadline).strftime("%A, %-d %B, %H:%M");
    let zone = preferences.zone.replace('_', " ");
    let afterwards = action.afterwards.as_ref().map(|it| format!(" After that {it}.")).unwrap_or_default();
    format!("You have until {clock} ({zone}).{afterwards}")
}

fn text(notice: &Notice, label: &str, until: Option<&str>, links: &Links) -> String {
    let mut text = format!("{}\n\n", notice.title);
    for line in &notice.lines {
        text.push_str(if notice.kind == NoticeKind::Digest { "- " } else { "" });
        text.push_str(line);
        text.push('\n');
    }
    if let Some(until) = until {
        text.push_str(&format!("{until}\n"));
    }
    text.push_str(&format!("\n{label}: {}\n", links.open));
    if notice.action.is_some() {
        text.push_str("The link is for you alone and for this one question; opening it changes nothing.\n");
    }
    text.push_str(&format!("\n-- \nNotification settings: {}\n", links.preferences));
    text
}

fn html(notice: &Notice, label: &str, until: Option<&str>, links: &Links) -> String {
    let mut lines: String = notice.lines.iter().map(|line| paragraph(line)).collect();
    if let Some(until) = until {
        lines.push_str(&paragraph(until));
    }
    let once = match notice.action {
        Some(_) => "The link is for you alone and for this one question; opening it changes nothing. ",
        None => "",
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title></head>\n\
         <body style=\"margin:0;padding:24px 16px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif\">\n\
         <div style=\"max-width:560px;margin:0 auto\">\n\
         <h1 style=\"font-size:22px;line-height:1.3;margin:0 0 16px\">{title}</h1>\n\
         {lines}\
         <p style=\"margin:24px 0\"><a href=\"{open}\" style=\"display:inline-block;padding:12px 20px;border-radius:8px;\
         background:#0b6bcb;color:#ffffff;text-decoration:none;font-weight:600\">{label}</a></p>\n\
         <p style=\"margin:24px 0 0;font-size:13px;color:#6b7280\">{once}\
         <a href=\"{preferences}\" style=\"color:#6b7280\">Notification settings</a></p>\n\
         </div></body></html>\n",
        title = escaped(&notice.title),
        label = escaped(label),
        open = escaped(&links.open),
        preferences = escaped(&links.preferences),
    )
}

fn paragraph(line: &str) -> String {
    format!("<p style=\"margin:0 0 12px\">{}</p>\n", escaped(line))
}

/// As text or attribute of HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
