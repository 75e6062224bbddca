//! Every body of every kind.

use crate::{of_kind, preferences};
use notices::body::{LARGEST_PUSH, LARGEST_SMS, Links, email, live, push, septets, sms};
use notices::{Notice, NoticeKind, Preferences};
use proptest::prelude::*;
use serde_json::Value;

fn links() -> Links {
    Links {
        open: "https://api.example.com/link/s3cret?a=1&b=2".to_owned(),
        preferences: "https://api.example.com/console/preferences".to_owned(),
        unsubscribe: "https://api.example/unsubscribe/S".to_owned(),
    }
}

/// Every kind's body on a channel, one after the other.
fn every(body: impl Fn(&Notice) -> String) -> String {
    let kinds = NoticeKind::ALL.into_iter().chain([NoticeKind::Digest]);
    kinds.map(|kind| format!("{kind:?}\n{}\n", body(&of_kind(kind)))).collect::<Vec<_>>().join("\n")
}

/// With the messages that are written as text within it as what they say.
fn opened(mut body: Value) -> Value {
    for text in body.as_object_mut().unwrap().values_mut() {
        if let Ok(message @ Value::Object(_)) = serde_json::from_str(text.as_str().unwrap()) {
            *text = message;
        }
    }
    body
}

/// With sorted fields: which crates are built along decides whether `serde_json` sorts them.
fn pretty(value: &impl serde::Serialize) -> String {
    let mut value = serde_json::to_value(value).unwrap();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn of_every_kind() {
    insta::assert_snapshot!("in-app", every(|it| pretty(&(live(it), it))));
    insta::assert_snapshot!("push", every(|it| pretty(&opened(push(it)))));
    insta::assert_snapshot!("sms", every(sms));
    let mail = |it: &Notice| email(it, &links(), &preferences());
    insta::assert_snapshot!(
        "email",
        every(|it| format!("Subject: {}\n\n{}", mail(it).subject, mail(it).text))
    );
}

/// One of them as HTML: all have the same frame.
#[test]
fn html_is_escaped_and_has_the_same_words() {
    let notice = of_kind(NoticeKind::Question);
    let mail =
        email(&notice, &links(), &Preferences { zone: "America/St_Johns".to_owned(), ..preferences() });
    insta::assert_snapshot!("question.html", mail.html);
    assert!(mail.html.contains("Cancel &lt;Netflix&gt; &amp; save") && !mail.html.contains("<Netflix>"));
    for text in [&mail.html, &mail.text] {
        assert!(text.contains("09:30 (America/St Johns)"), "{text}");
    }
}

fn written(title: String, line: String) -> Notice {
    Notice { title, lines: vec![line], ..of_kind(NoticeKind::NeedsAttention) }
}

proptest! {
    #[test]
    fn an_sms_has_one_part_that_every_phone_shows(title in any::<String>()) {
        let text = sms(&written(title, String::new()));
        prop_assert!(septets(&text).is_some_and(|it| it <= LARGEST_SMS), "{text}");
    }

    #[test]
    fn a_push_fits(title in any::<String>(), line in any::<String>()) {
        let body = push(&written(title, line));
        for name in ["APNS", "APNS_SANDBOX", "GCM"] {
            prop_assert!(body[name].as_str().unwrap().len() <= LARGEST_PUSH);
        }
    }

    #[test]
    fn nothing_gets_out_of_its_place(title in "[<>&\"'a\n]{0,40}", line in "[<>&\"'a\n]{0,40}") {
        let mail = email(&written(title.clone(), line.clone()), &links(), &preferences());
        let plain = email(&written("a".to_owned(), "a".to_owned()), &links(), &preferences());
        let tags = |html: &str| html.matches(['<', '>']).count();
        prop_assert_eq!(tags(&mail.html), tags(&plain.html));
        prop_assert!(!mail.subject.contains('\n'));
    }
}
