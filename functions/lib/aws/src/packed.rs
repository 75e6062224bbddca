//! Long texts of an item, deflated: a record is written for a unit per started KiB, and JSON of ours shrinks to a sixth.
//!
//! What every record says anyway, its names and phrases, is in a dictionary that the packed text refers back to. The first byte
//! says which, so that a better one can come without the old records becoming unreadable. Short texts stay text, which a person
//! can read in the console.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// The dictionary of all that was packed so far. Never to be changed; another gets another number.
const DICTIONARY: &[u8] = include_bytes!("packed/1.dictionary");

/// The number of the dictionary.
const NUMBER: u8 = 1;

/// Up to how many bytes a text stays as it is: two of them, the record and its events, with the key and the counters fill a KiB.
#[cfg(any(feature = "dynamodb", feature = "s3"))]
pub(crate) const PLAIN: usize = 320;

/// The most that is unpacked: far more than any record, and what a function has room for.
const LARGEST: usize = 16 * 1024 * 1024;

/// A text deflated.
#[cfg(any(feature = "dynamodb", feature = "s3"))]
pub(crate) fn pack(text: &str) -> Vec<u8> {
    use miniz_oxide::deflate::core::{
        CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
    };
    // The most effort, for some ten kilobytes; a negative window means bare deflate, without a header.
    let mut state = CompressorOxide::new(create_comp_flags_from_zip_params(10, -15, 0));
    let mut packed = vec![NUMBER];
    // What the dictionary itself deflates to is known to the reader.
    compress_to_output(&mut state, DICTIONARY, TDEFLFlush::Sync, |_| true);
    compress_to_output(&mut state, text.as_bytes(), TDEFLFlush::Finish, |part| {
        packed.extend_from_slice(part);
        true
    });
    packed
}

/// The text that was packed; `None` for what never was one.
pub(crate) fn unpack(packed: &[u8]) -> Option<String> {
    let mut rest = packed.strip_prefix(&[NUMBER])?;
    let mut state = Box::<DecompressorOxide>::default();
    let mut text = DICTIONARY.to_vec();
    let mut end = text.len();
    loop {
        text.resize((text.len() + 8 * packed.len()).min(LARGEST), 0);
        let (status, read, written) =
            decompress(&mut state, rest, &mut text, end, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
        rest = rest.get(read..)?;
        end += written;
        match status {
            TINFLStatus::Done => return String::from_utf8(text.get(DICTIONARY.len()..end)?.to_vec()).ok(),
            TINFLStatus::HasMoreOutput if text.len() < LARGEST => {}
            _ => return None,
        }
    }
}
