// The words of the crew's outbox.

import type { Messages } from "@dothi/language/language";

interface Words {
  readonly title: string;
  readonly notSent: (count: string) => string;
  readonly away: string;
  readonly signedOut: string;
  readonly signIn: string;
  readonly refused: string;
  readonly refusedPlain: string;
  readonly sent: string;
  readonly again: string;
  readonly drop: string;
  readonly photos: (count: string) => string;
  readonly removePhoto: (number: string) => string;
  readonly photo: (number: string) => string;
  readonly order: (number: string) => string;
  readonly notKept: string;
  readonly needsNote: string;
  readonly deeds: Readonly<Record<string, string>>;
}

export const MESSAGES: Messages<Words> = {
  vi: {
    title: "Việc chưa gửi",
    notSent: (count) => `Chưa gửi: ${count}`,
    away: "Không có mạng. Những gì bạn ghi và chụp được giữ trong máy này, và tự gửi khi có mạng.",
    signedOut: "Phiên đăng nhập đã hết. Hãy đăng nhập lại để gửi; không mất gì cả.",
    signIn: "Đăng nhập",
    refused: "Không nhận được:",
    refusedPlain: "Máy chủ không nhận.",
    sent: "Đã gửi hết.",
    again: "Gửi ngay",
    drop: "Bỏ đi",
    photos: (count) => `${count} ảnh`,
    removePhoto: (number) => `Bỏ ảnh ${number}`,
    photo: (number) => `Ảnh ${number}`,
    order: (number) => `phiếu ${number}`,
    notKept: "Trình duyệt này không giữ được gì. Đừng đóng trang trước khi gửi xong.",
    needsNote: "Hãy viết vài chữ: đã làm gì.",
    deeds: { accept: "Nhận việc", start: "Bắt đầu làm", note: "Ghi chú", finish: "Đã xong" },
  },
  en: {
    title: "Not sent yet",
    notSent: (count) => `Not sent yet: ${count}`,
    away: "No network. What you write and photograph stays in this phone, and is sent when the network is back.",
    signedOut: "Your session is over. Sign in again to send it; nothing is lost.",
    signIn: "Sign in",
    refused: "Not taken:",
    refusedPlain: "The server did not take it.",
    sent: "Everything is sent.",
    again: "Send now",
    drop: "Drop it",
    photos: (count) => (count === "1" ? "1 photo" : `${count} photos`),
    removePhoto: (number) => `Remove photo ${number}`,
    photo: (number) => `Photo ${number}`,
    order: (number) => `order ${number}`,
    notKept: "This browser keeps nothing. Do not close the page before everything is sent.",
    needsNote: "Write in a few words what was done.",
    deeds: { accept: "Take it on", start: "Begin the work", note: "Note", finish: "Done" },
  },
};
