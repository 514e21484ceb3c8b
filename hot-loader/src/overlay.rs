//! The overlay of windowed hot builds: which generation runs, what is happening,
//! how long the last edit took, and the error text when there is one.
//!
//! A view of `HotReloadStatus`, drawn with bevy_ui; it decides nothing, takes no
//! input but its keys (hide, bring the last generation back, restart), and is not added
//! where there is no UI.

use crate::{
    control::HotReload,
    status::{HotReloadPhase, HotReloadStatus},
};
use bevy::{
    app::{App, Update},
    color::Color,
    ecs::prelude::*,
    input::{ButtonInput, keyboard::KeyCode},
    prelude::{BackgroundColor, GlobalZIndex, Node, Text, TextColor, TextFont, Visibility},
    ui::{BorderRadius, Display, FlexDirection, PositionType, UiPlugin, UiRect, Val},
};

/// Shows and hides the overlay.
const KEY: KeyCode = KeyCode::F10;
/// Brings the generation before the running one back.
const ROLL_BACK: KeyCode = KeyCode::F9;
/// Builds the game again and goes on in a new process.
const RESTART: KeyCode = KeyCode::F11;
/// Errors can be long; the terminal has all of it.
const MAX_LINES: usize = 14;
/// Longer lines are cut: the overlay must not cover the game.
const MAX_COLUMNS: usize = 96;
/// Above whatever the game draws.
const TOP: GlobalZIndex = GlobalZIndex(i32::MAX);

const CALM: Color = Color::srgb(0.55, 0.85, 0.62);
const BUSY: Color = Color::srgb(0.98, 0.82, 0.42);
const BAD: Color = Color::srgb(1.0, 0.50, 0.45);
const PLAIN: Color = Color::srgb(0.92, 0.92, 0.94);
const BACK: Color = Color::srgba(0.04, 0.04, 0.07, 0.84);

/// The panel.
#[derive(Component)]
struct Overlay;

/// The one-line summary.
#[derive(Component)]
struct Headline;

/// The error text below it.
#[derive(Component)]
struct Details;

/// Adds the overlay if the app draws a UI.
pub fn add(app: &mut App) {
    if app.is_plugin_added::<UiPlugin>() {
        // Before the layout, so that text and colour change in one frame.
        app.add_systems(Update, (respawn, hear, show).chain());
    }
}

/// Spawns the panel, also again after a game that clears its world.
fn respawn(panels: Query<(), With<Overlay>>, mut commands: Commands) {
    if !panels.is_empty() {
        return;
    }
    let font = TextFont::from_font_size;
    let text = |size: f32, color| (Text::default(), font(size), TextColor(color));
    commands.spawn((
        Overlay,
        Name::new("hot-loader overlay"),
        TOP,
        Node {
            position_type: PositionType::Absolute,
            right: Val::Px(10.0),
            bottom: Val::Px(10.0),
            flex_direction: FlexDirection::Column,
            row_gap: Val::Px(4.0),
            max_width: Val::Percent(80.0),
            padding: UiRect::axes(Val::Px(9.0), Val::Px(5.0)),
            border_radius: BorderRadius::all(Val::Px(6.0)),
            ..Node::default()
        },
        BackgroundColor(BACK),
        children![
            (Headline, text(13.0, CALM)),
            (Details, text(12.0, PLAIN), Visibility::Inherited),
        ],
    ));
}

fn hear(
    keys: Option<Res<ButtonInput<KeyCode>>>,
    mut panels: Query<&mut Visibility, With<Overlay>>,
    mut reload: ResMut<HotReload>,
) {
    let Some(keys) = keys else {
        return;
    };
    if keys.just_pressed(KEY) {
        for mut visibility in &mut panels {
            visibility.toggle_inherited_hidden();
        }
    }
    if keys.just_pressed(ROLL_BACK) {
        reload.roll_back();
    }
    if keys.just_pressed(RESTART) {
        reload.restart();
    }
}

fn show(
    status: Res<HotReloadStatus>,
    mut headline: Query<(&mut Text, &mut TextColor, Ref<Headline>), Without<Details>>,
    mut details: Query<(&mut Text, &mut Node), With<Details>>,
) {
    for (mut text, mut color, spawned) in &mut headline {
        if !status.is_changed() && !spawned.is_added() {
            return;
        }
        let (mut line, shade) = summary(&status);
        // The next edit of types is quick.
        line.push_str(if status.spare { " +" } else { "" });
        text.0 = line;
        color.0 = shade;
    }
    let text = explanation(&status);
    for (mut shown, mut node) in &mut details {
        node.display = match text.is_empty() {
            true => Display::None,
            false => Display::Flex,
        };
        shown.0.clone_from(&text);
    }
}

/// What is happening, in a line.
fn summary(status: &HotReloadStatus) -> (String, Color) {
    let (text, color) = match &status.phase {
        HotReloadPhase::Watching if !status.panicked.is_empty() => {
            let systems = counted(status.panicked.len(), "system");
            let text = format!(" | {systems} disabled after a panic; fix and save, or press F9");
            (text, BAD)
        }
        HotReloadPhase::Starting => (" | warming up the compiler ...".into(), BUSY),
        HotReloadPhase::Building => (" | building ...".into(), BUSY),
        HotReloadPhase::Watching => match (status.rolled_back_from, &status.last_swap) {
            (Some(left), _) => {
                let text = format!(" | rolled back from {left}; save to build again");
                (text, BUSY)
            }
            (None, Some(swap)) => {
                let seconds = swap.edit_to_live_ms / 1000.0;
                (format!(" | live {seconds:.2} s after the save"), CALM)
            }
            (None, None) => (" | watching".into(), CALM),
        },
        HotReloadPhase::Failed(errors) => {
            let errors = counted(errors.len(), "error");
            (format!(" keeps running | build failed ({errors})"), BAD)
        }
        HotReloadPhase::Refused(_) => (" keeps running | edit rejected".into(), BAD),
        HotReloadPhase::RollbackRefused(_) => (" keeps running | rollback rejected".into(), BAD),
        HotReloadPhase::RestartNeeded(_) => {
            let text = " | restart needed; F11 restarts the game with its world";
            (text.into(), BAD)
        }
    };
    (format!("gen {}{text}", status.generation), color)
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

/// The error text, cut to what the panel holds.
fn explanation(status: &HotReloadStatus) -> String {
    let panics = status.panicked.iter();
    let panics = panics.map(|(system, message)| format!("{system}: {message}\n"));
    let problem = match &status.phase {
        HotReloadPhase::Failed(errors) => errors
            .iter()
            .flat_map(|error| error.rendered.trim_end().lines().chain([""]))
            .map(|line| match line.starts_with("error") {
                // The sentence that says it; the rest is laid out in columns.
                true => wrapped(line),
                false => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n"),
        HotReloadPhase::Refused(reason)
        | HotReloadPhase::RollbackRefused(reason)
        | HotReloadPhase::RestartNeeded(reason) => wrapped(reason),
        _ => String::new(),
    };
    let text: String = panics.chain([problem]).collect();
    let mut lines: Vec<String> = text.lines().take(MAX_LINES).map(cut).collect();
    let more = text.lines().count().saturating_sub(MAX_LINES);
    if more > 0 {
        lines.push(format!("... {more} more lines in the terminal"));
    }
    lines.join("\n").trim_end().to_owned()
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MAX_COLUMNS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// A sentence in lines that fit the panel.
fn wrapped(sentence: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in sentence.split_whitespace() {
        if column + word.len() > MAX_COLUMNS && column > 0 {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += word.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Request;
    use crate::events::{BuildErrorReport, HotReloadEvent};

    fn failed(rendered: &str) -> HotReloadStatus {
        let mut status = HotReloadStatus::default();
        status.apply(&HotReloadEvent::BuildFailed {
            generation: 1,
            errors: vec![BuildErrorReport {
                message: String::new(),
                file: String::new(),
                line: 0,
                column: 0,
                rendered: rendered.into(),
            }],
        });
        status
    }

    #[test]
    fn the_key_hides_the_panel_and_shows_it_again() {
        let mut app = App::new();
        app.insert_resource(HotReloadStatus::default())
            .init_resource::<ButtonInput<KeyCode>>()
            .init_resource::<HotReload>()
            .add_systems(Update, (respawn, hear, show).chain());
        app.update();
        let press = |app: &mut App| {
            let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
            keys.reset_all();
            keys.press(KEY);
            app.update();
            app.world_mut()
                .resource_mut::<ButtonInput<KeyCode>>()
                .reset_all();
            app.update();
            let mut panels = app
                .world_mut()
                .query_filtered::<&Visibility, With<Overlay>>();
            panels.iter(app.world()).copied().collect::<Vec<_>>()
        };
        assert_eq!(press(&mut app), [Visibility::Hidden]);
        assert_eq!(press(&mut app), [Visibility::Inherited]);
    }

    #[test]
    fn the_panel_comes_back_after_a_game_despawned_it_and_says_what_is_happening() {
        let mut app = App::new();
        app.insert_resource(HotReloadStatus::default())
            .add_systems(Update, (respawn, show).chain());
        app.update();
        let mut panels = app.world_mut().query_filtered::<Entity, With<Overlay>>();
        let panels: Vec<_> = panels.iter(app.world()).collect();
        assert_eq!(panels.len(), 1);
        for panel in panels {
            app.world_mut().despawn(panel);
        }
        app.update();
        app.update();
        let mut lines = app.world_mut().query_filtered::<&Text, With<Headline>>();
        let lines: Vec<_> = lines.iter(app.world()).map(|text| text.0.clone()).collect();
        assert_eq!(lines, [summary(&HotReloadStatus::default()).0]);
    }

    #[test]
    fn keys_ask_for_the_last_generation_and_for_a_restart() {
        let mut app = App::new();
        app.init_resource::<HotReload>().add_systems(Update, hear);
        let mut asked = |keys: &[KeyCode]| {
            let mut input = ButtonInput::<KeyCode>::default();
            for key in keys {
                input.press(*key);
            }
            app.insert_resource(input);
            app.update();
            app.world_mut().resource_mut::<HotReload>().take()
        };
        assert_eq!(asked(&[ROLL_BACK]), [Request::RollBack(None)]);
        assert_eq!(asked(&[RESTART]), [Request::Restart]);
        assert_eq!(asked(&[KEY, KeyCode::Space]), []);
    }

    #[test]
    fn a_failed_build_shows_the_generation_that_runs_and_the_error() {
        let status = failed("error: expected `;`\n --> src/lib.rs:1:2\n");
        let (line, color) = summary(&status);
        assert!(line.contains("gen 0") && line.contains("1 error"), "{line}");
        assert_eq!(color, BAD);
        assert_eq!(
            explanation(&status),
            "error: expected `;`\n --> src/lib.rs:1:2"
        );
    }

    #[test]
    fn what_was_rejected_is_told_apart() {
        for (rollback, what) in [(false, "edit rejected"), (true, "rollback rejected")] {
            let mut status = HotReloadStatus::default();
            status.apply(&HotReloadEvent::Refused {
                generation: 1,
                reason: "why".into(),
                types: Vec::new(),
                rollback,
            });
            let (line, color) = summary(&status);
            assert!(line.ends_with(what), "{line}");
            assert_eq!((color, &*explanation(&status)), (BAD, "why"));
        }
    }

    #[test]
    fn a_long_error_is_cut_and_says_so() {
        let text = explanation(&failed(&"x\n".repeat(40)));
        assert_eq!(text.lines().count(), MAX_LINES + 1);
        let last = text.lines().last().unwrap();
        assert!(last.contains("26"), "{last}");
    }

    #[test]
    fn a_long_reason_is_wrapped_between_words() {
        let text = wrapped(&"word ".repeat(40));
        assert!(text.lines().all(|line| line.len() <= MAX_COLUMNS));
        assert_eq!(text.split_whitespace().count(), 40);
    }
}
