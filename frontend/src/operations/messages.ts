// The map page's messages.

import type { Messages } from "@dothi/language/language";

interface Words {
  readonly layers: string;
  readonly newest: string;
  readonly noReadings: string;
  readonly late: (count: string) => string;
  readonly lateFor: (span: string) => string;
  readonly ago: (span: string) => string;
  readonly showLayer: (name: string) => string;
  readonly openPage: (name: string) => string;
  readonly baseMap: string;
  readonly roads: string;
  readonly water: string;
  readonly placeNames: string;
  readonly legend: string;
  readonly legendLate: (span: string) => string;
  readonly legendGroup: string;
  readonly objects: string;
  readonly objectsShort: string;
  readonly filter: string;
  readonly noMatch: string;
  readonly clearFilter: string;
  readonly more: (count: string) => string;
  readonly pick: string;
  readonly emptyTitle: string;
  readonly emptyText: string;
  readonly emptyAction: string;
  readonly noLayers: string;
  readonly loading: string;
  readonly detail: string;
  readonly observedAt: string;
  readonly age: string;
  readonly layer: string;
  readonly place: string;
  readonly lastKnown: string;
  readonly unknownState: string;
  readonly neverReported: string;
  readonly simulated: string;
  readonly record: string;
  readonly showOnMap: string;
  readonly close: string;
  readonly panels: string;
  readonly map: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly home: string;
  readonly attribution: string;
  readonly attributionSimulated: string;
  readonly feedLost: string;
  readonly feedLostText: string;
  readonly retry: string;
  readonly noWebgl: string;
  readonly noWebglText: string;
  readonly noBaseMap: string;
}

export const MESSAGES: Messages<Words> = {
  vi: {
    layers: "Lớp dữ liệu",
    newest: "Mới nhất",
    noReadings: "chưa có số liệu",
    late: (count) => `${count} trễ`,
    lateFor: (span) => `Trễ ${span}`,
    ago: (span) => `${span} trước`,
    showLayer: (name) => `Hiện lớp ${name} trên bản đồ`,
    openPage: (name) => `Mở trang ${name}`,
    baseMap: "Lớp nền",
    roads: "Đường",
    water: "Sông, rạch",
    placeNames: "Ranh và tên phường, xã",
    legend: "Chú giải",
    legendLate: (span) => `trễ quá ${span}`,
    legendGroup: "nhóm, số lượng",
    objects: "Đối tượng trên bản đồ",
    objectsShort: "Đối tượng",
    filter: "Lọc theo tên",
    noMatch: "Không có đối tượng nào có tên như vậy.",
    clearFilter: "Bỏ lọc",
    more: (count) => `Còn ${count} đối tượng nữa, hãy lọc theo tên.`,
    pick: "Chọn một đối tượng trên bản đồ hoặc trong danh sách để xem chi tiết.",
    emptyTitle: "Chưa có đối tượng nào",
    emptyText: "Bản đồ sẽ hiện đối tượng ngay khi thiết bị đầu tiên được đăng ký và gửi số liệu.",
    emptyAction: "Xem giao diện SensorThings",
    noLayers: "Tài khoản của bạn chưa được xem lớp dữ liệu nào.",
    loading: "Đang tải số liệu",
    detail: "Chi tiết",
    observedAt: "Đo lúc",
    age: "Tuổi số liệu",
    layer: "Lớp dữ liệu",
    place: "Vị trí",
    lastKnown: "Trạng thái cuối cùng",
    unknownState: "Không rõ",
    neverReported: "Chưa gửi số liệu",
    simulated: "Số liệu mô phỏng",
    record: "Bản ghi SensorThings (JSON)",
    showOnMap: "Xem trên bản đồ",
    close: "Đóng",
    panels: "Các bảng của bản đồ",
    map: "Bản đồ",
    zoomIn: "Phóng to",
    zoomOut: "Thu nhỏ",
    home: "Về toàn thành phố",
    attribution: "Đường, sông và địa danh chỉ vẽ sơ lược",
    attributionSimulated: "Số liệu mô phỏng",
    feedLost: "Mất kết nối nguồn dữ liệu.",
    feedLostText: "Màn hình giữ số liệu cuối cùng nhận được và đang tự kết nối lại.",
    retry: "Thử lại ngay",
    noWebgl: "Không vẽ được bản đồ",
    noWebglText: "Trình duyệt này không bật WebGL 2. Danh sách đối tượng vẫn cập nhật trực tiếp.",
    noBaseMap: "Không tải được bản đồ nền. Các đối tượng vẫn hiện đúng vị trí.",
  },
  en: {
    layers: "Layers",
    newest: "Newest",
    noReadings: "no readings yet",
    late: (count) => `${count} late`,
    lateFor: (span) => `Late by ${span}`,
    ago: (span) => `${span} ago`,
    showLayer: (name) => `Show the layer ${name} on the map`,
    openPage: (name) => `Open the page ${name}`,
    baseMap: "Base map",
    roads: "Roads",
    water: "Rivers and streams",
    placeNames: "Wards: boundaries, names",
    legend: "Legend",
    legendLate: (span) => `late by over ${span}`,
    legendGroup: "a group, how many",
    objects: "On the map",
    objectsShort: "Objects",
    filter: "Filter by name",
    noMatch: "Nothing has a name like that.",
    clearFilter: "Clear the filter",
    more: (count) => `${count} more: filter by name.`,
    pick: "Pick something on the map or in the list to see its details.",
    emptyTitle: "Nothing on the map yet",
    emptyText: "The map shows things as soon as the first device is registered and sends readings.",
    emptyAction: "See the SensorThings interface",
    noLayers: "Your account may not see any layer yet.",
    loading: "Loading readings",
    detail: "Details",
    observedAt: "Observed at",
    age: "Age of the reading",
    layer: "Layer",
    place: "Place",
    lastKnown: "Last known state",
    unknownState: "Unknown",
    neverReported: "Has sent nothing yet",
    simulated: "Simulated data",
    record: "SensorThings record (JSON)",
    showOnMap: "Show on the map",
    close: "Close",
    panels: "The map's panels",
    map: "Map",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    home: "Whole city",
    attribution: "Roads, rivers and places are schematic",
    attributionSimulated: "Simulated data",
    feedLost: "The connection to the feed is lost.",
    feedLostText: "The screen keeps the last data received and is reconnecting by itself.",
    retry: "Try again now",
    noWebgl: "The map can't be drawn",
    noWebglText: "This browser has no WebGL 2. The list still updates live.",
    noBaseMap: "The base map could not be loaded. Things still stand where they are.",
  },
};

export type { Words };
