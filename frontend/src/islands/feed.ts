// How the live feed is, in the top bar: live, late or lost, in words and by shape.

import { type Messages, pageLanguage } from "@dothi/language/language";
import type { FeedStatus } from "@dothi/live/feed";
import { feedStatus } from "@dothi/page/city";
import { html, render } from "lit-html";

const MESSAGES: Messages<Record<FeedStatus, string> & { label: string }> = {
  vi: {
    label: "Nguồn dữ liệu",
    connecting: "Đang kết nối",
    live: "Trực tiếp",
    late: "Dữ liệu trễ",
    lost: "Mất kết nối",
  },
  en: { label: "Feed", connecting: "Connecting", live: "Live", late: "Late", lost: "Connection lost" },
};

export default function mount(el: HTMLElement): void {
  const words = MESSAGES[pageLanguage()];
  feedStatus.watch((feed) => {
    const status = feed?.status ?? "connecting";
    render(
      html`<span class="chip feed" data-feed=${status} role="status">
        <i class="pulse ${status}" aria-hidden="true"></i>
        <span class="visually-hidden">${words.label}: </span><span class="word">${words[status]}</span>
      </span>`,
      el,
    );
  });
}
