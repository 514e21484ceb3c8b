//! Macros of a crate that nobody knows: each makes what it is given, or what a file says.
//!
//! Compiled by the test as a crate of its own. Must not know what the rows make with them.

extern crate proc_macro;

use proc_macro::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// What is in a file of the crate that is compiled.
fn file(path: TokenStream) -> TokenStream {
    let path = path.to_string();
    let path = format!("src/{}", path.trim_matches(|c| "\"() ".contains(c)));
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// `[<on _hit>]` becomes `on_hit`.
#[proc_macro]
pub fn paste(input: TokenStream) -> TokenStream {
    input.into_iter().map(pasted).collect()
}

fn pasted(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let words: Vec<String> = inside.iter().map(|token| token.to_string()).collect();
    match words.as_slice() {
        [open, parts @ .., close] if group.delimiter() == Delimiter::Bracket && open == "<" && close == ">" => {
            Ident::new(&parts.concat(), inside[1].span()).into()
        }
        _ => {
            let mut made = Group::new(group.delimiter(), paste(group.stream()));
            made.set_span(group.span());
            made.into()
        }
    }
}

/// What a file says.
#[proc_macro]
pub fn from_file(input: TokenStream) -> TokenStream {
    file(input)
}

/// An item, and what the attribute is given.
#[proc_macro_attribute]
pub fn adds(arguments: TokenStream, mut item: TokenStream) -> TokenStream {
    item.extend(arguments);
    item
}

/// An item, and what a file says.
#[proc_macro_attribute]
pub fn adds_file(arguments: TokenStream, mut item: TokenStream) -> TokenStream {
    item.extend(file(arguments));
    item
}

/// A function that gives what the attribute is given.
#[proc_macro_attribute]
pub fn gives(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut item: Vec<TokenTree> = item.into_iter().collect();
    item.pop();
    item.push(Group::new(Delimiter::Brace, arguments).into());
    item.into_iter().collect()
}

/// What the attribute `of` of a type is given, spelled as if the macro had written it.
fn of(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let groups = std::iter::from_fn(|| {
        tokens.find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        })
    });
    for group in groups {
        let mut inside = group.into_iter();
        if let (Some(TokenTree::Ident(name)), Some(arguments)) = (inside.next(), inside.next()) {
            let TokenTree::Group(arguments) = arguments else { continue };
            return match name.to_string().as_str() {
                "of" => arguments.stream().to_string().parse().unwrap(),
                "of_file" => file(arguments.stream()),
                _ => continue,
            };
        }
    }
    panic!("it has no attribute `of`");
}

#[proc_macro_derive(Made, attributes(of, of_file))]
pub fn made(input: TokenStream) -> TokenStream {
    of(input)
}

/// A derive of an ordinary trait's name.
#[proc_macro_derive(Display, attributes(of, of_file))]
pub fn display(input: TokenStream) -> TokenStream {
    of(input)
}
