//! Places at the end of card descriptors: US states, and the cities where large billers and many stores sit.

/// States, the district and territories, and `CA`'s neighbours abroad are not listed: they do not end
/// descriptors.
#[rustfmt::skip]
const STATES: &[&str] = &[
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN", "KS",
    "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV",
    "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT", "WA", "WI", "WV",
    "WY",
 ];

/// State codes that are also words of merchant names.
#[rustfmt::skip]
const AMBIGUOUS: &[&str] = &["CO", "DE", "HI", "IN", "LA", "MA", "ME", "OH", "OK", "OR", "PA"];

/// Longest names first, so that `SAN FRANCISCO` goes before `FRANCISCO` would.
#[rustfmt::skip]
const CITIES: &[&str] = &[
    "SALT LAKE CITY", "MOUNTAIN VIEW", "SAN FRANCISCO", "SAN FRANCISC", "LOS ANGELES", "SAN ANTONIO",
    "SAN DIEGO", "SAN JOSE", "NEW YORK", "NEW YORK CITY", "LAS VEGAS", "LOS GATOS", "FORT WORTH",
    "EL PASO", "KANSAS CITY", "LONG BEACH", "VIRGINIA BEACH", "COLORADO SPRINGS", "PALO ALTO",
    "MENLO PARK", "SANTA CLARA", "SANTA MONICA", "REDWOOD CITY", "OVERLAND PARK", "ST LOUIS", "ST PAUL",
    "BATON ROUGE", "NEW ORLEANS", "OKLAHOMA CITY", "JERSEY CITY", "ALBUQUERQUE", "ANAHEIM", "ARLINGTON",
    "ATLANTA", "AUSTIN", "BAKERSFIELD", "BALTIMORE", "BELLEVUE", "BERKELEY", "BOSTON", "BROOKLYN",
    "BUFFALO", "CHANDLER", "CHARLOTTE", "CHICAGO", "CINCINNATI", "CLEVELAND", "COLUMBUS", "CUPERTINO",
    "DALLAS", "DENVER", "DETROIT", "DURHAM", "FREMONT", "FRESNO", "GREENSBORO", "HENDERSON", "HONOLULU",
    "HOUSTON", "INDIANAPOLIS", "IRVINE", "JACKSONVILLE", "LAREDO", "LEXINGTON", "LINCOLN", "LOUISVILLE",
    "LUBBOCK", "MADISON", "MEMPHIS", "MESA", "MIAMI", "MILWAUKEE", "MINNEAPOLIS", "NASHVILLE", "NEWARK",
    "NORFOLK", "OAKLAND", "OMAHA", "ORLANDO", "PHILADELPHIA", "PHOENIX", "PITTSBURGH", "PLANO",
    "PORTLAND", "RALEIGH", "RENO", "RICHMOND", "RIVERSIDE", "SACRAMENTO", "SCOTTSDALE", "SEATTLE",
    "SPOKANE", "STOCKTON", "SUNNYVALE", "TACOMA", "TAMPA", "TOLEDO", "TUCSON", "TULSA", "WASHINGTON",
    "WICHITA",
 ];

/// Whether the word is a state code.
pub(super) fn is_state(word: &str) -> bool {
    STATES.contains(&word)
}

/// Whether the state code is also a common word.
pub(super) fn is_ambiguous(word: &str) -> bool {
    AMBIGUOUS.contains(&word)
}

/// How many words at the end are a known city; never all of them, as a merchant may be named after one.
pub(super) fn city_length(words: &[&str]) -> usize {
    CITIES.iter().map(|city| super::ending(words, city)).max().unwrap_or(0)
}
