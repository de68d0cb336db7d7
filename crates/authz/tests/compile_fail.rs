//! What must not compile: a proof made by hand, a view proof used to edit, a letter nobody verified.

#[test]
fn proofs_and_letters_cannot_be_made_by_hand() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
