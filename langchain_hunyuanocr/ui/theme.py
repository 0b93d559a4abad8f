"""Theme: how Gradio's own parts look, in the colours of `page.css`, in the fonts that the system has."""

from __future__ import annotations

import gradio as gr

_FONTS = ["system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]


def theme() -> gr.themes.Base:
    """A plain theme; nothing is fetched from elsewhere."""
    both = {
        "body_background_fill": "var(--hv-ground)",
        "body_text_color": "var(--hv-ink)",
        "body_text_color_subdued": "var(--hv-soft)",
        "block_background_fill": "transparent",
        "block_border_width": "0px",
        "input_border_width": "1px",
        "block_title_text_color": "var(--hv-ink)",
        "block_info_text_color": "var(--hv-soft)",
        "input_background_fill": "var(--hv-paper)",
        "input_background_fill_focus": "var(--hv-paper)",
        "input_border_color": "var(--hv-edge)",
        "input_border_color_focus": "var(--hv-accent)",
        "input_placeholder_color": "var(--hv-soft)",
        "button_primary_background_fill": "var(--hv-do)",
        "button_primary_background_fill_hover": "var(--hv-do-hover)",
        "button_primary_text_color": "#ffffff",
        "button_primary_text_color_hover": "#ffffff",
        "button_secondary_background_fill": "var(--hv-paper)",
        "button_secondary_background_fill_hover": "var(--hv-accent-soft)",
        "button_secondary_border_color": "var(--hv-edge)",
        "button_secondary_border_color_hover": "var(--hv-accent)",
        "button_secondary_text_color": "var(--hv-ink)",
        "button_secondary_text_color_hover": "var(--hv-ink)",
        "accordion_text_color": "var(--hv-ink)",
    }
    plain = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="slate",
        font=_FONTS,
        font_mono=["ui-monospace", "Consolas", "monospace"],
    )
    return plain.set(
        **both,
        **{f"{name}_dark": value for name, value in both.items()},
        block_padding="0px",
        block_title_text_weight="600",
        block_title_text_size="*text_sm",
        form_gap_width="14px",
        layout_gap="14px",
        input_radius="6px",
        input_padding="8px 10px",
    )
