//! Embeds the migrations anew whenever one of them changes.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
