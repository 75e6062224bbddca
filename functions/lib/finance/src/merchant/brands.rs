//! Brands whose descriptors differ by more than noise: the start of a cleaned descriptor, and the name it
//! stands for.

/// (start of the cleaned descriptor, canonical capitals). The first match wins, so the longer start comes
/// first; a start matches whole words only. Every canonical name maps to itself.
const BRANDS: &[(&str, &str)] = &[
    ("AMAZON PRIME VIDEO", "PRIME VIDEO"),
    ("PRIME VIDEO", "PRIME VIDEO"),
    ("AMAZON VIDEO", "PRIME VIDEO"),
    ("AMAZON PRIME", "AMAZON PRIME"),
    ("AMZN PRIME", "AMAZON PRIME"),
    ("AMAZON MUSIC", "AMAZON MUSIC"),
    ("AMAZON WEB SERVICES", "AMAZON WEB SERVICES"),
    ("AMZN DIGITAL", "AMAZON DIGITAL"),
    ("AMAZON DIGITAL", "AMAZON DIGITAL"),
    ("AMZN", "AMAZON"),
    ("AMAZON", "AMAZON"),
    ("APPLE BILL", "APPLE"),
    ("APPLE ITUNES", "APPLE"),
    ("ITUNES", "APPLE"),
    ("ATT", "AT&T"),
    ("AT&T", "AT&T"),
    ("COMCAST", "XFINITY"),
    ("XFINITY MOBILE", "XFINITY MOBILE"),
    ("XFINITY", "XFINITY"),
    ("DISNEY PLUS", "DISNEY+"),
    ("DISNEYPLUS", "DISNEY+"),
    ("DISNEY+", "DISNEY+"),
    ("GEICO", "GEICO"),
    ("GH GRUBHUB", "GRUBHUB"),
    ("HBOMAX", "MAX"),
    ("HBO MAX", "MAX"),
    ("HULU", "HULU"),
    ("NETFLIX", "NETFLIX"),
    ("NYTIMES", "NEW YORK TIMES"),
    ("NEW YORK TIMES", "NEW YORK TIMES"),
    ("PLANET FIT", "PLANET FITNESS"),
    ("PLANET FITNESS", "PLANET FITNESS"),
    ("PROGRESSIVE", "PROGRESSIVE"),
    ("PROG", "PROGRESSIVE"),
    ("SPECTRUM", "SPECTRUM"),
    ("CHARTER COMM", "SPECTRUM"),
    ("SPOTIFY", "SPOTIFY"),
    ("STARBUCKS", "STARBUCKS"),
    ("STATE FARM", "STATE FARM"),
    ("T-MOBILE", "T-MOBILE"),
    ("TMOBILE", "T-MOBILE"),
    ("UBER EATS", "UBER EATS"),
    ("UBER TRIP", "UBER"),
    ("VERIZON WRLS", "VERIZON WIRELESS"),
    ("VERIZON WIRELESS", "VERIZON WIRELESS"),
    ("VZWRLSS", "VERIZON WIRELESS"),
    ("VZ WIRELESS", "VERIZON WIRELESS"),
    ("WAL-MART", "WALMART"),
    ("WM SUPERCENTER", "WALMART"),
    ("WALMART", "WALMART"),
    ("WHOLEFDS", "WHOLE FOODS"),
    ("WHOLE FOODS", "WHOLE FOODS"),
    ("YOUTUBEPREMIUM", "YOUTUBE PREMIUM"),
    ("YOUTUBE PREMIUM", "YOUTUBE PREMIUM"),
    ("YOUTUBE TV", "YOUTUBE TV"),
    ("YOUTUBETV", "YOUTUBE TV"),
];

/// Names that do not follow "first letter capital".
const SPELLINGS: &[(&str, &str)] = &[
    ("AT&T", "AT&T"),
    ("GEICO", "GEICO"),
    ("T-MOBILE", "T-Mobile"),
    ("YOUTUBE PREMIUM", "YouTube Premium"),
    ("YOUTUBE TV", "YouTube TV"),
];

/// The canonical capitals of a brand, if the text starts like one.
pub(super) fn canonical(text: &str) -> Option<&'static str> {
    let starts =
        |brand: &str| text.strip_prefix(brand).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    BRANDS.iter().find(|(start, _)| starts(start)).map(|(_, name)| *name)
}

/// How a brand spells itself.
pub(super) fn spelled(text: &str) -> Option<&'static str> {
    SPELLINGS.iter().find(|(name, _)| *name == text).map(|(_, spelled)| *spelled)
}
