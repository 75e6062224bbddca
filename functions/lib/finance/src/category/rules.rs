//! Keywords of merchants and descriptors, for transactions whose provider gives no category.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Category;

/// Words that name money in, whatever its sender.
#[rustfmt::skip]
const INFLOW: &[(Category, &[&str])] = &[
    (
        Category::Income,
        &[
            "PAYROLL", "DIRECT DEP", "DIRECT DEPOSIT", "SALARY", "SOCIAL SECURITY", "UNEMPLOYMENT",
            "PENSION", "CHILD SUPPORT", "PAYOUT", "INTEREST PAYMENT", "INTEREST INCOME", "INTRST PYMNT",
            "DIVIDEND", "STIPEND", "WAGES", "EARNINGS",
        ],
    ),
    (
        Category::CardPayment,
        &[
            "AUTOMATIC PAYMENT THANK", "PAYMENT THANK YOU", "AUTOPAY PAYMENT", "ONLINE PAYMENT THANK",
        ],
    ),
    (
        Category::Transfer,
        &[
            "TRANSFER FROM", "XFER FROM", "ONLINE TRANSFER", "TRANSFER", "ZELLE", "VENMO", "CASH APP",
            "ROUND UP CREDIT",
        ],
    ),
];

/// Words that name money out. The first row that matches wins, so the narrower row comes first.
#[rustfmt::skip]
const OUTFLOW: &[(Category, &[&str])] = &[
    (
        Category::CardPayment,
        &[
            "AMERICAN EXPRESS ACH PMT", "AMERICAN EXPRESS DES ACH PMT",
            "AUTOMATIC PAYMENT THANK", "PAYMENT THANK YOU",
            "CREDIT CARD PAYMENT", "CREDIT CARD AUTOPAY", "CARD PAYMENT", "CREDIT CRD AUTOPAY",
            "CREDIT CRD EPAY", "AMEX EPAYMENT", "DISCOVER E PAYMENT", "CHASE CARD", "CITI CARD ONLINE",
            "CAPITAL ONE CRCARDPMT", "CRCARDPMT", "CARDMEMBER SERV", "BARCLAYCARD", "APPLECARD GSBANK",
            "EPAYMENT",
        ],
    ),
    (
        Category::Tax,
        &[
            "IRS", "USATAXPYMT", "FRANCHISE TAX", "TAX PYMT", "ESTIMATED TAX", "ADVANCE TAX",
            "PROPERTY TAX", "GST PAYMENT",
        ],
    ),
    (
        Category::DebtPayment,
        &[
            "BRIDGECREST", "SBA LOAN",
            "AFTERPAY", "KLARNA", "QUADPAY", "MONEYKEY", "CREDITNINJA",
            "STUDENT LOAN", "AUTO LOAN", "CAR LOAN", "LOAN PAYMENT", "LOAN PMT", "LOAN REPAYMENT",
            "NAVIENT", "NELNET", "SALLIE MAE", "MOHELA", "TOYOTA FINANCIAL", "HONDA FINANCIAL",
            "FORD CREDIT", "ALLY AUTO", "SOFI LENDING", "AFFIRM", "LENDING CLUB", "UPSTART",
        ],
    ),
    (
        Category::Insurance,
        &[
            "HISCOX", "HEALTHCAR",
            "INSURANCE", "GEICO", "STATE FARM", "PROGRESSIVE", "ALLSTATE", "LIBERTY MUTUAL", "USAA",
            "FARMERS INS", "NATIONWIDE", "LEMONADE", "TRAVELERS", "METLIFE", "ESURANCE",
        ],
    ),
    (
        Category::Cable,
        &[
            "DIRECTV", "DISH NETWORK", "DISH", "SLING TV", "CABLE TV", "SPECTRUM TV",
            "XFINITY TV", "YOUTUBE TV",
        ],
    ),
    (
        Category::Phone,
        &[
            "VERIZON WIRELESS", "T MOBILE", "AT&T WIRELESS", "AT&T MOBILITY", "MINT MOBILE",
            "CRICKET WIRELESS", "GOOGLE FI", "VISIBLE", "US CELLULAR", "BOOST MOBILE", "METRO BY T",
            "XFINITY MOBILE", "PHONE", "WIRELESS", "MOBILE PLAN",
        ],
    ),
    (
        Category::Internet,
        &[
            "XFINITY", "COMCAST", "SPECTRUM", "AT&T INTERNET", "AT&T FIBER", "AT&T", "VERIZON FIOS",
            "FIOS", "COX COMM", "COX", "CENTURYLINK", "EARTHLINK", "FRONTIER COMM", "STARLINK",
            "GOOGLE FIBER", "OPTIMUM", "BROADBAND", "INTERNET", "FIBER",
        ],
    ),
    (Category::Cable, &["CABLE"]),
    (
        Category::Housing,
        &[
            "MTG",
            "RENT", "MORTGAGE", "APARTMENTS", "PROPERTY MANAGEMENT", "PROPERTY MGMT", "RESIDENCY",
            "RENTALS", "LEASING", "HOA", "LANDLORD", "REALTY", "HOME LOAN",
        ],
    ),
    (
        Category::Utilities,
        &[
            "ELECTRIC", "ELECTRICITY", "POWER", "ENERGY", "GAS COMPANY", "WATER", "SEWER", "UTILITY",
            "UTILITIES", "CON EDISON", "PG&E", "DUKE ENERGY", "NATIONAL GRID", "WASTE MANAGEMENT",
            "SANITATION", "EDISON",
        ],
    ),
    (
        Category::Subscription,
        &[
            "CHEGG", "CALENDLY", "HUBSPOT", "TYPEFORM", "AMAZON WEB SERVICES",
            "NETFLIX", "SPOTIFY", "HULU", "DISNEY+", "DISNEY PLUS", "HBO", "MAX COM", "PARAMOUNT+",
            "PEACOCK", "PRIME VIDEO", "AMAZON PRIME", "AMAZON MUSIC", "APPLE MUSIC", "APPLE TV", "ICLOUD",
            "APPLE COM BILL", "ITUNES", "YOUTUBE", "AUDIBLE", "KINDLE UNLIMITED", "ADOBE", "DROPBOX",
            "MICROSOFT 365", "OFFICE 365", "GOOGLE ONE", "GOOGLE STORAGE", "NORTON", "MCAFEE",
            "EXPRESSVPN", "NORDVPN", "PATREON", "SUBSTACK", "NEW YORK TIMES", "NYTIMES",
            "WASHINGTON POST", "WALL STREET JOURNAL", "ECONOMIST", "LINKEDIN", "CANVA", "NOTION",
            "GITHUB", "SAAS", "OPENAI", "CHATGPT", "DUOLINGO", "HEADSPACE", "CALM", "PELOTON",
            "PLANET FIT", "PLANET FITNESS", "GYM", "FITNESS", "CROSSFIT", "CLIMBING", "YOGA",
            "HELLOFRESH", "BLUE APRON", "STITCH FIX", "DOLLAR SHAVE", "BARKBOX", "CRUNCHYROLL", "TWITCH",
            "XBOX GAME PASS", "PLAYSTATION PLUS", "NINTENDO ONLINE", "SIRIUSXM", "PANDORA", "TIDAL",
            "DEEZER", "DASHPASS", "INSTACART+", "WALMART+", "COSTCO MEMBERSHIP", "SUBSCRIPTION",
            "MEMBERSHIP", "FREE TRIAL", "TRIAL", "COWORKING", "CLOUD STORAGE", "STREAMING", "MEAL KIT",
            "SKILLSHARE", "COURSERA", "MASTERCLASS", "EVERNOTE", "GRAMMARLY", "LASTPASS", "1PASSWORD",
            "ANCESTRY", "SCRIBD", "BUMBLE", "TINDER", "HINGE", "STRAVA", "MYFITNESSPAL",
        ],
    ),
    (
        Category::Groceries,
        &[
            "GROCERY", "GROCERIES", "SUPERMARKET", "WHOLE FOODS", "TRADER JOE", "TRADER JOES", "KROGER",
            "SAFEWAY", "ALDI", "PUBLIX", "WEGMANS", "FRYS FOOD", "H E B", "HEB", "SPROUTS", "FOOD LION",
            "STOP & SHOP", "GIANT EAGLE", "ALBERTSONS", "COSTCO WHSE", "COSTCO", "MARKET BASKET",
            "FARMERS MARKET", "FOODS", "BIGBASKET", "DMART", "BLINKIT", "NATURES BASKET", "INSTACART",
            "ONION MARKET", "GOOD MOODS MARKET", "CORNER MARKET", "FRESH MARKET",
        ],
    ),
    (
        Category::Dining,
        &[
            "DENNYS", "JIMMY JOHNS", "WAFFLE HOUSE", "IN N OUT",
            "RESTAURANT", "COFFEE", "CAFE", "STARBUCKS", "DUNKIN", "PEETS", "MCDONALDS", "KFC",
            "CHIPOTLE", "SUBWAY", "TACO", "PIZZA", "DOMINOS", "BURGER", "GRILL", "DINER", "BAKERY",
            "BISTRO", "SUSHI", "DELI", "BREWERY", "TAVERN", "PUB", "BAR", "DOORDASH", "GRUBHUB",
            "UBER EATS", "POSTMATES", "SWIGGY", "ZOMATO", "BLUE TOKAI", "WENDYS", "PANERA", "CHICK FIL A",
            "SWEETGREEN", "NOODLE", "RAMEN", "BBQ", "KITCHEN", "TEA HOUSE", "LUNCH", "DINNER", "WAWA",
        ],
    ),
    (
        Category::Transport,
        &[
            "ARCO", "RAIL", "RAILWAY",
            "UBER", "LYFT", "OLA", "METRO", "MTA", "BART", "TRANSIT", "TRANSPORT", "TRAM", "FUEL",
            "GASOLINE", "SHELL", "CHEVRON", "EXXON", "EXXONMOBIL", "BP", "SUNOCO", "PARKING", "TOLL",
            "E ZPASS", "EZPASS", "AMTRAK", "AUTO REPAIR", "JIFFY LUBE", "TIRE", "DMV", "GAS STATION",
            "BICYCLE", "CLIPPER",
        ],
    ),
    (
        Category::Health,
        &[
            "PHARMACY", "CVS", "WALGREENS", "RITE AID", "HOSPITAL", "CLINIC", "MEDICAL", "DENTAL",
            "DENTIST", "OPTOMETRY", "DOCTOR", "HEALTHCARE", "KAISER", "QUEST DIAGNOSTICS", "LABCORP",
            "THERAPY", "VISION",
        ],
    ),
    (
        Category::Education,
        &[
            "TUITION", "SCHOOL", "UNIVERSITY", "COLLEGE", "DAYCARE", "CHILD CARE", "CHILDCARE",
            "PRESCHOOL",
        ],
    ),
    (
        Category::Entertainment,
        &[
            "BLIZZARD", "NINTENDO", "CINEMARK", "FANDANGO",
            "CINEMA", "CINEMAS", "MOVIE", "THEATRE", "THEATER", "AMC", "CONCERT", "TICKETMASTER",
            "TICKETS", "EVENTBRITE", "BOWLING", "GAMING", "STEAM", "ARCADE", "MUSEUM", "ZOO",
            "BOOKMYSHOW", "GOLF", "CASINO", "STADIUM",
        ],
    ),
    (
        Category::Travel,
        &[
            "AIRLINES", "AIRLINE", "HOTEL", "AIRBNB", "EXPEDIA", "BOOKING COM", "MARRIOTT", "HILTON",
            "FLIGHT", "DELTA AIR", "HERTZ",
        ],
    ),
    (
        Category::Fees,
        &[
            "OVERDRAFT", "SERVICE FEE", "MONTHLY FEE", "MAINTENANCE FEE", "ATM FEE", "LATE FEE",
            "INTEREST CHARGE", "FOREIGN TRANSACTION FEE", "NSF FEE", "WIRE FEE", "ANNUAL FEE",
            "BANK FEES",
        ],
    ),
    (
        Category::Giving,
        &["DONATION", "CHARITY", "RED CROSS", "UNICEF", "GOFUNDME", "CHURCH"],
    ),
    (
        Category::PersonalCare,
        &[
            "SALON", "BARBER", "SPA", "LAUNDRY", "SEPHORA", "ULTA", "NAILS", "DRY CLEAN",
        ],
    ),
    (
        Category::Shopping,
        &[
            "7 ELEVEN", "GROUPON",
            "AMAZON", "WALMART", "TARGET", "EBAY", "ETSY", "BEST BUY", "HOME DEPOT", "LOWES", "IKEA",
            "MACYS", "NORDSTROM", "OLD NAVY", "NIKE", "APPLE STORE", "MYNTRA", "FLIPKART", "WAYFAIR",
            "TJ MAXX", "MARSHALLS", "SPARKFUN", "COSTCO COM", "TEMU", "SHEIN",
        ],
    ),
    (
        Category::Transfer,
        &[
            "TRANSFER TO", "XFER TO", "ONLINE TRANSFER", "TRANSFER", "ZELLE", "VENMO", "CASH APP",
            "WIRE OUT", "WIRE TRANSFER", "ROUND UP", "AUTOMATIC SAVINGS", "VANGUARD", "FIDELITY",
            "SCHWAB", "ROBINHOOD", "ACORNS", "COINBASE", "ATM WITHDRAWAL",
        ],
    ),
];

/// A table by the first word of its keywords: row in the table and all words of the keyword.
type Index = BTreeMap<&'static str, Vec<(usize, Vec<&'static str>)>>;

static INFLOW_INDEX: LazyLock<Index> = LazyLock::new(|| index(INFLOW));
static OUTFLOW_INDEX: LazyLock<Index> = LazyLock::new(|| index(OUTFLOW));

fn index(table: &'static [(Category, &[&str])]) -> Index {
    let mut index = Index::new();
    for (row, (_, keywords)) in table.iter().enumerate() {
        for keyword in *keywords {
            let words: Vec<&str> = keyword.split(' ').collect();
            if let Some(first) = words.first() {
                index.entry(first).or_default().push((row, words));
            }
        }
    }
    index
}

/// The category a keyword names; `words` are in capitals. Keywords match whole words only.
pub(super) fn by_keyword(words: &[&str], outflow: bool) -> Option<Category> {
    let (table, index) = if outflow { (OUTFLOW, &OUTFLOW_INDEX) } else { (INFLOW, &INFLOW_INDEX) };
    let hits = words.iter().enumerate().flat_map(|(at, word)| {
        let candidates = index.get(word).map(Vec::as_slice).unwrap_or_default();
        candidates.iter().filter(move |(_, keyword)| words[at..].starts_with(keyword)).map(|(row, _)| *row)
    });
    hits.min().and_then(|row| table.get(row)).map(|(category, _)| *category)
}
