//! The code that confirms an address, as it is sent there.

use super::Email;

/// As a mail. It can be unsubscribed from by not saying the code.
pub fn code_email(code: &str, preferences: &str) -> Email {
    let words = "Somebody, we hope you, asked us to send notices here. To confirm it, enter this code:";
    let rest = "It is good for an hour. If it was not you, do nothing: nothing more comes.";
    Email {
        subject: format!("{code} confirms this address"),
        text: format!("{words}\n\n    {code}\n\n{rest}\n\nWhere to enter it: {preferences}\n"),
        html: format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>Confirm this address</title></head>\n\
             <body style=\"margin:0;padding:24px 16px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif\">\n\
             <div style=\"max-width:560px;margin:0 auto\">\n<p>{words}</p>\n\
             <p style=\"font-size:28px;letter-spacing:4px\"><b>{code}</b></p>\n<p>{rest}</p>\n\
             <p><a href=\"{preferences}\">Where to enter it</a></p>\n</div></body></html>\n"
        ),
        unsubscribe: String::new(),
    }
}

/// As an SMS.
pub fn code_sms(code: &str) -> String {
    format!("{code} confirms this number for notices. Not you? Do nothing.")
}
