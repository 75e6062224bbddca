//! The provider's categories as ours: Plaid's taxonomy, and the plain words of CSV files and ledgers.

use super::Category;
use crate::transaction::ProviderCategory;

/// Plaid's detailed categories where they say more than their primary
/// (<https://plaid.com/documents/pfc-taxonomy-all.csv>); a start of the name stands for all that begin so.
const DETAILED: &[(&str, Category)] = &[
    ("RENT_AND_UTILITIES_RENT", Category::Housing),
    ("RENT_AND_UTILITIES_INTERNET_AND_CABLE", Category::Internet),
    ("RENT_AND_UTILITIES_TELEPHONE", Category::Phone),
    ("FOOD_AND_DRINK_GROCERIES", Category::Groceries),
    ("GENERAL_SERVICES_INSURANCE", Category::Insurance),
    ("GENERAL_SERVICES_EDUCATION", Category::Education),
    ("GENERAL_SERVICES_CHILDCARE", Category::Education),
    ("GENERAL_SERVICES_AUTOMOTIVE", Category::Transport),
    ("LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", Category::CardPayment),
    ("LOAN_PAYMENTS_MORTGAGE_PAYMENT", Category::Housing),
    ("PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", Category::Subscription),
    ("ENTERTAINMENT_TV_AND_MOVIES", Category::Subscription),
    ("ENTERTAINMENT_MUSIC_AND_AUDIO", Category::Subscription),
    ("GOVERNMENT_AND_NON_PROFIT_DONATIONS", Category::Giving),
    ("GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT", Category::Tax),
];

const PRIMARY: &[(&str, Category)] = &[
    ("INCOME", Category::Income),
    ("TRANSFER_IN", Category::Transfer),
    ("TRANSFER_OUT", Category::Transfer),
    ("LOAN_PAYMENTS", Category::DebtPayment),
    ("LOAN_DISBURSEMENTS", Category::Transfer),
    ("BANK_FEES", Category::Fees),
    ("ENTERTAINMENT", Category::Entertainment),
    ("FOOD_AND_DRINK", Category::Dining),
    ("GENERAL_MERCHANDISE", Category::Shopping),
    ("HOME_IMPROVEMENT", Category::Shopping),
    ("MEDICAL", Category::Health),
    ("PERSONAL_CARE", Category::PersonalCare),
    ("TRANSPORTATION", Category::Transport),
    ("TRAVEL", Category::Travel),
    ("RENT_AND_UTILITIES", Category::Utilities),
];

/// Plain words, looked for from the last word of the source's category to the first.
const WORDS: &[(&str, Category)] = &[
    ("rent", Category::Housing),
    ("housing", Category::Housing),
    ("mortgage", Category::Housing),
    ("groceries", Category::Groceries),
    ("grocery", Category::Groceries),
    ("utilities", Category::Utilities),
    ("electricity", Category::Utilities),
    ("electric", Category::Utilities),
    ("water", Category::Utilities),
    ("internet", Category::Internet),
    ("phone", Category::Phone),
    ("mobile", Category::Phone),
    ("cable", Category::Cable),
    ("insurance", Category::Insurance),
    ("transport", Category::Transport),
    ("transportation", Category::Transport),
    ("tram", Category::Transport),
    ("fuel", Category::Transport),
    ("gas", Category::Transport),
    ("health", Category::Health),
    ("healthcare", Category::Health),
    ("medical", Category::Health),
    ("dental", Category::Health),
    ("vision", Category::Health),
    ("pharmacy", Category::Health),
    ("education", Category::Education),
    ("childcare", Category::Education),
    ("tax", Category::Tax),
    ("taxes", Category::Tax),
    // A budget's plain "food" is what the household eats, wherever it is bought.
    ("food", Category::Groceries),
    ("dining", Category::Dining),
    ("restaurant", Category::Dining),
    ("restaurants", Category::Dining),
    ("coffee", Category::Dining),
    ("alcohol", Category::Dining),
    ("meals", Category::Dining),
    ("entertainment", Category::Entertainment),
    ("subscription", Category::Subscription),
    ("subscriptions", Category::Subscription),
    ("software", Category::Subscription),
    ("shopping", Category::Shopping),
    ("clothing", Category::Shopping),
    ("travel", Category::Travel),
    ("vacation", Category::Travel),
    ("donations", Category::Giving),
    ("charity", Category::Giving),
    ("income", Category::Income),
    ("salary", Category::Income),
    ("payroll", Category::Income),
    ("transfer", Category::Transfer),
    ("savings", Category::Transfer),
    ("loan", Category::DebtPayment),
    ("fees", Category::Fees),
];

/// Our category for the provider's, where it maps.
pub(super) fn lookup(category: &ProviderCategory) -> Option<Category> {
    let detailed = category.detailed.as_deref().unwrap_or_default();
    let found = DETAILED.iter().find(|(start, _)| detailed.starts_with(start)).map(|(_, ours)| *ours);
    let primary = || PRIMARY.iter().find(|(name, _)| *name == category.primary).map(|(_, ours)| *ours);
    found.or_else(primary).or_else(|| by_word(&category.primary))
}

fn by_word(text: &str) -> Option<Category> {
    let lower = text.to_lowercase();
    let ours = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, category)| *category);
    lower.rsplit(|c: char| !c.is_alphanumeric()).find_map(ours)
}
