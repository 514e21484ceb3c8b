//! Derives of the stand-in engine: what Bevy's derives put into an impl, from text alone.
//!
//! Compiled by the test as a crate of its own. Must not know more of Rust than the rows need.

extern crate proc_macro;

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// What a derive reads of a type.
struct Input {
    name: String,
    /// Names and contents of its attributes, such as `component` and `storage = "SparseSet"`.
    attributes: Vec<(String, Vec<TokenTree>)>,
    /// `<T: Bound>` and `<T>`, or empty.
    generics: (String, String),
    /// What stands in its first field's place.
    field: String,
}

fn read(input: TokenStream) -> Input {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let (mut at, mut attributes) = (0, Vec::new());
    while at < tokens.len() {
        match (&tokens[at], tokens.get(at + 1)) {
            (TokenTree::Punct(sign), Some(TokenTree::Group(group))) if sign.as_char() == '#' => {
                let mut inside = group.stream().into_iter();
                let name = inside.next().map(|word| word.to_string()).unwrap_or_default();
                let arguments = match inside.next() {
                    Some(TokenTree::Group(group)) => group.stream().into_iter().collect(),
                    _ => Vec::new(),
                };
                attributes.push((name, arguments));
                at += 2;
            }
            (TokenTree::Ident(word), Some(name))
                if ["struct", "enum", "union"].contains(&word.to_string().as_str()) =>
            {
                let (generics, field) = rest(&tokens[at + 2..]);
                return Input { name: name.to_string(), attributes, generics, field };
            }
            _ => at += 1,
        }
    }
    panic!("no type");
}

fn rest(tokens: &[TokenTree]) -> ((String, String), String) {
    let (mut whole, mut names, mut depth, mut field) = (String::new(), String::new(), 0, String::new());
    let mut fresh = false;
    for token in tokens {
        let text = token.to_string();
        match text.as_str() {
            "<" => depth += 1,
            ">" => depth -= 1,
            _ => {}
        }
        if depth > 0 {
            if fresh && text != "const" && matches!(token, TokenTree::Ident(_)) {
                names.push_str(&text);
                names.push(',');
                fresh = false;
            }
            fresh |= depth == 1 && (text == "<" || text == ",");
            whole.push_str(&text);
            // `'static` comes in two pieces.
            if text != "'" {
                whole.push(' ');
            }
        } else if let TokenTree::Group(group) = token {
            if group.delimiter() != Delimiter::Bracket && field.is_empty() {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let colon = inside.iter().position(|token| token.to_string() == ":").map_or(0, |at| at + 1);
                let end = inside.iter().position(|token| token.to_string() == ",").unwrap_or(inside.len());
                let words = inside.get(colon.min(end)..end).unwrap_or_default().iter();
                field = words.map(|token| token.to_string()).filter(|word| word != "pub").collect();
            }
        }
    }
    match whole.is_empty() {
        true => ((String::new(), String::new()), field),
        false => ((format!("{whole}>"), format!("<{names}>")), field),
    }
}

impl Input {
    /// The arguments of all attributes of this name, cut at commas.
    fn arguments(&self, wanted: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (_, tokens) in self.attributes.iter().filter(|(name, _)| name == wanted) {
            found.push(String::new());
            for token in tokens {
                match token {
                    TokenTree::Punct(sign) if sign.as_char() == ',' => found.push(String::new()),
                    _ => {
                        let text = found.last_mut().unwrap();
                        text.push_str(&token.to_string());
                        // `::` falls apart otherwise.
                        if !matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':') {
                            text.push(' ');
                        }
                    }
                }
            }
        }
        found.retain(|text| !text.trim().is_empty());
        found
    }

    fn of(&self, of_trait: &str, members: &str) -> TokenStream {
        let (whole, names) = &self.generics;
        format!("impl {whole} {of_trait} for {} {names} {{ {members} }}", self.name)
            .parse()
            .unwrap()
    }
}

#[proc_macro_derive(Component, attributes(component, require, relationship, relationship_target))]
pub fn component(input: TokenStream) -> TokenStream {
    let input = read(input);
    let (mut storage, mut mutability, mut hooks) = ("Table".to_owned(), "Mutable", String::new());
    for argument in input.arguments("component") {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        let (name, value) = (name.trim(), value.trim());
        match name {
            "storage" => storage = value.trim_matches('"').to_owned(),
            "immutable" => mutability = "Immutable",
            hook => {
                let hook_name = format!("Self::{hook}");
                let value = if value.is_empty() { &hook_name } else { value };
                let made = "::core::option::Option<::bevy::ecs::ComponentHook>";
                hooks.push_str(&format!("fn {hook}() -> {made} {{ ::core::option::Option::Some({value}) }} "));
            }
        }
    }
    let mut required = String::new();
    for argument in input.arguments("require") {
        let argument = argument.trim();
        let (of_type, value) = match argument.split_once('=') {
            Some((of_type, value)) => (of_type.trim(), format!("|| ({value}).into()")),
            None => match argument.split_once('(') {
                Some((of_type, _)) => (of_type.trim(), format!("|| {argument}")),
                None => (argument, "::core::default::Default::default".to_owned()),
            },
        };
        required.push_str(&format!("required.register_required::<{of_type}>({value});"));
    }
    for target in input.arguments("relationship").iter().chain(&input.arguments("relationship_target")) {
        let (_, of) = target.split_once('=').unwrap();
        required.push_str(&format!("required.related::<{of}>();"));
    }
    input.of(
        "::bevy::ecs::Component",
        &format!(
            "const STORAGE_TYPE: ::bevy::ecs::StorageType = ::bevy::ecs::StorageType::{storage};
             type Mutability = ::bevy::ecs::{mutability};
             fn register_required_components(required: &mut ::bevy::ecs::RequiredComponents) {{ {required} }}
             {hooks}"
        ),
    )
}

#[proc_macro_derive(Resource)]
pub fn resource(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::Resource", "")
}

#[proc_macro_derive(Event)]
pub fn event(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::Event", "type Trigger = ::bevy::ecs::GlobalTrigger;")
}

#[proc_macro_derive(Message)]
pub fn message(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::Message", "")
}

#[proc_macro_derive(Bundle)]
pub fn bundle(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::Bundle", "")
}

#[proc_macro_derive(States)]
pub fn states(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::States", "const DEPENDENCY_DEPTH: usize = 1;")
}

#[proc_macro_derive(SystemSet)]
pub fn system_set(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::SystemSet", "")
}

#[proc_macro_derive(ScheduleLabel)]
pub fn schedule_label(input: TokenStream) -> TokenStream {
    read(input).of("::bevy::ecs::ScheduleLabel", "")
}

#[proc_macro_derive(Reflect, attributes(reflect))]
pub fn reflect(input: TokenStream) -> TokenStream {
    let input = read(input);
    let data: Vec<String> = input.arguments("reflect").iter().map(|data| format!("{:?}", data.trim())).collect();
    let data = format!("fn type_data() -> &'static [&'static str] {{ &[{}] }}", data.join(","));
    input.of("::bevy::ecs::Reflect", &data)
}

#[proc_macro_derive(Deref)]
pub fn deref(input: TokenStream) -> TokenStream {
    let input = read(input);
    let members = format!("type Target = {0}; fn deref(&self) -> &{0} {{ &self.0 }}", input.field);
    input.of("::core::ops::Deref", &members)
}
