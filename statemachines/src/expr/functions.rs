//! The functions that expressions may call.

use super::convert::to_json;
use cel::{Context, DeclarationError, Env, ExecutionError, ResolveResult, Value as Cel, extensions};
use money::Money;

/// Every function and macro that a definition may use; operators are not listed.
pub const FUNCTIONS: [&str; 28] = [
    "all",
    "bool",
    "contains",
    "double",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "int",
    "map",
    "math.abs",
    "math.ceil",
    "math.floor",
    "math.greatest",
    "math.isFinite",
    "math.isInf",
    "math.isNaN",
    "math.least",
    "math.round",
    "math.sign",
    "math.trunc",
    "money",
    "percent",
    "round1",
    "size",
    "startsWith",
    "string",
];

/// CEL's own functions and its `math` library.
pub(super) fn environment() -> Env {
    let mut environment = Env::stdlib();
    // It can only fail when a name is taken, and the environment is fresh; a test calls into the library.
    let _taken = environment.add_extension(extensions::math);
    environment
}

/// Adds ours.
pub(super) fn add(context: &mut Context) {
    // It can only fail when a name is taken, and the context is fresh; a test calls every one.
    let _taken = try_add(context);
}

fn try_add(context: &mut Context) -> Result<(), DeclarationError> {
    // In the library these two are macros, which the parser would have to know.
    context.add_function("math.greatest", cel::functions::max)?;
    context.add_function("math.least", cel::functions::min)?;
    context.add_function("money", money)?;
    context.add_function("round1", round1)?;
    context.add_function("percent", percent)
}

/// An amount as people write it, such as `$12.99`.
fn money(value: Cel) -> ResolveResult {
    to_json(&value)
        .and_then(|value| serde_json::from_value::<Money>(value).ok())
        .map(|amount| Cel::from(amount.to_string()))
        .ok_or_else(|| ExecutionError::function_error("money", "it takes an amount {minor, currency}"))
}

/// A number with one digit, such as `2.1`.
fn round1(value: Cel) -> ResolveResult {
    decimal("round1", &value).map(|x| Cel::from(format!("{x:.1}")))
}

/// A fraction as a percentage with one digit: `25.0 %` of 0.25.
fn percent(value: Cel) -> ResolveResult {
    decimal("percent", &value).map(|x| Cel::from(format!("{:.1} %", x * 100.0)))
}

#[expect(clippy::cast_precision_loss, reason = "for display with one digit")]
fn decimal(function: &str, value: &Cel) -> Result<f64, ExecutionError> {
    match value {
        Cel::Float(value) => Ok(*value),
        Cel::Int(value) => Ok(*value as f64),
        Cel::UInt(value) => Ok(*value as f64),
        _ => Err(ExecutionError::function_error(function, "it takes a number")),
    }
}
