//! A notice as one SMS.

use crate::notice::Notice;

/// The most septets of an SMS in one part (3GPP TS 23.038).
pub const LARGEST_SMS: usize = 160;

/// What follows the title.
const CALL: &str = ". Please sign in to see what to do.";

/// The basic character set of GSM 7 bit, without what nobody writes (3GPP TS 23.038, 6.2.1).
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Those that take an escape and so two septets (6.2.1.1).
const EXTENDED: &str = "^{}\\[~]|€";

/// The text: the title in characters every phone shows, in one part.
pub fn sms(notice: &Notice) -> String {
    let room = LARGEST_SMS - length(CALL);
    let title: String = notice.title.chars().filter(|it| !it.is_control()).map(plain).collect();
    let mut text = title.trim_end_matches('.').to_owned();
    if length(&text) > room {
        while length(&text) + 3 > room {
            text.pop();
        }
        text.push_str("...");
    }
    text + CALL
}

/// How many septets a text takes; none when GSM 7 bit cannot say it.
pub fn septets(text: &str) -> Option<usize> {
    text.chars().map(size).sum()
}

fn length(text: &str) -> usize {
    septets(text).unwrap_or(usize::MAX)
}

fn size(character: char) -> Option<usize> {
    if BASIC.contains(character) {
        Some(1)
    } else if EXTENDED.contains(character) {
        Some(2)
    } else {
        None
    }
}

/// A character, or what stands in for it.
fn plain(character: char) -> char {
    match character {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2013}' | '\u{2014}' => '-',
        '…' => '.',
        '\u{a0}' | '\t' => ' ',
        other if size(other).is_some() => other,
        _ => '?',
    }
}
