//! Calls of the SDK.

use std::pin::Pin;

/// A call under way.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A call on the heap. The SDK's futures are tens of kilobytes large and nested so deep that a handler that holds one, unboxed,
/// exceeds the compiler's recursion limit.
pub(crate) fn call<'a, T>(request: impl Future<Output = T> + Send + 'a) -> Call<'a, T> {
    Box::pin(request)
}
