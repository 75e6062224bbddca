//! What the functions need from outside, one trait per verb.
