// The map page's messages.

import type { Messages } from "@dothi/language/language";
import type { AlarmState } from "@dothi/live/protocol";
import type { Tab } from "./alarms";
import type { Hours } from "./timeline";

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
  readonly alarms: string;
  readonly alarmsShort: string;
  readonly queueTitle: string;
  readonly sorted: string;
  readonly tabs: Readonly<Record<Tab, string>>;
  readonly states: Readonly<Record<AlarmState, string>>;
  readonly priorities: Readonly<Record<1 | 2 | 3 | 4, string>>;
  readonly priority: string;
  readonly noAlarms: string;
  readonly noAlarmsOfTab: string;
  readonly waiting: (count: string) => string;
  readonly over: string;
  readonly notTaken: string;
  readonly since: (at: string) => string;
  readonly times: (count: string) => string;
  readonly stands: (count: string) => string;
  readonly noThing: string;
  readonly goneTitle: string;
  readonly goneText: string;
  readonly alarmPage: string;
  readonly allOfIt: string;
  readonly procedure: string;
  readonly acknowledge: string;
  readonly acknowledging: string;
  readonly acknowledged: string;
  readonly shelve: string;
  readonly shelveFor: string;
  readonly reason: string;
  readonly shelved: string;
  readonly dispatch: string;
  readonly escalate: (span: string) => string;
  readonly outcomes: Readonly<Record<"changed" | "refused" | "failed", string>>;
  readonly openCount: (count: string) => string;
  readonly calm: string;
  readonly past24: string;
  readonly baseLayers: string;
  readonly legendPriority: string;
  readonly legendState: string;
  readonly legendShare: string;
  readonly scope: string;
  readonly area: string;
  readonly department: string;
  readonly everywhere: string;
  readonly everyone: string;
  readonly timeline: string;
  readonly timelineShort: string;
  readonly timelineHint: string;
  readonly timelineRow: string;
  readonly range: string;
  readonly ranges: Readonly<Record<Hours, string>>;
  readonly moment: string;
  readonly forecast: string;
  readonly noForecast: string;
  readonly live: string;
  readonly replay: string;
  readonly replaying: (at: string) => string;
  readonly replayLoading: string;
  readonly replayFailed: string;
  readonly replayNoDeeds: string;
  readonly backToLive: string;
  readonly back: string;
  readonly forth: string;
  readonly play: string;
  readonly pause: string;
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
    alarms: "Cảnh báo",
    alarmsShort: "Cảnh báo",
    queueTitle: "Hàng đợi cảnh báo",
    sorted: "Xếp theo ưu tiên",
    tabs: { all: "Tất cả", unacknowledged: "Chưa xác nhận", acknowledged: "Đã xác nhận", cleared: "Đã hết" },
    states: { unacknowledged: "Chưa xác nhận", acknowledged: "Đã xác nhận", cleared: "Đã hết, chờ xem" },
    priorities: { 1: "Khẩn cấp", 2: "Cao", 3: "Trung bình", 4: "Thấp" },
    priority: "Mức ưu tiên",
    noAlarms: "Không có cảnh báo nào. Mọi thứ bình thường.",
    noAlarmsOfTab: "Không có cảnh báo nào ở trạng thái này.",
    waiting: (count) => `${count} cảnh báo mới, bấm để hiện`,
    over: "Đã rời hàng đợi",
    notTaken: "Chưa phân công",
    since: (at) => `Từ ${at}`,
    times: (count) => `lặp lại ${count} lần`,
    stands: (count) => `${count} thiết bị`,
    noThing: "Thiết bị không còn",
    goneTitle: "Cảnh báo đã rời hàng đợi",
    goneText: "Nguyên nhân đã hết và đã có người xác nhận, hoặc cảnh báo được tạm ẩn.",
    alarmPage: "Mở trang cảnh báo",
    allOfIt: "Hồ sơ",
    procedure: "Quy trình đề xuất",
    acknowledge: "Xác nhận",
    acknowledging: "Đang xác nhận",
    acknowledged: "Đã xác nhận cảnh báo.",
    shelve: "Tạm ẩn",
    shelveFor: "Trong bao lâu",
    reason: "Lý do",
    shelved: "Đã tạm ẩn cảnh báo. Nó sẽ tự hiện lại.",
    dispatch: "Điều động",
    escalate: (span) => `Cần chuyển cấp: chưa ai xác nhận ${span}`,
    outcomes: {
      changed: "Chưa làm gì: cảnh báo vừa thay đổi. Đây là trạng thái hiện tại.",
      refused: "Không được chấp nhận. Hãy kiểm tra quyền và nội dung đã nhập.",
      failed: "Chưa làm được: máy chủ không trả lời. Hãy thử lại.",
    },
    openCount: (count) => `${count} cảnh báo`,
    calm: "không có cảnh báo",
    past24: "24 giờ qua",
    baseLayers: "Lớp và lớp nền",
    legendPriority: "Mức ưu tiên",
    legendState: "Trạng thái cảnh báo",
    legendShare: "phần đang có cảnh báo",
    scope: "Phạm vi",
    area: "Địa bàn",
    department: "Đơn vị",
    everywhere: "Toàn thành phố",
    everyone: "Mọi đơn vị",
    timeline: "Dòng thời gian",
    timelineShort: "Thời gian",
    timelineHint: "Kéo mốc thời gian để xem lại. Vùng gạch chéo là dự báo.",
    timelineRow: "Cảnh báo",
    range: "Khoảng thời gian",
    ranges: { 1: "1 giờ", 6: "6 giờ", 24: "24 giờ", 168: "7 ngày" },
    moment: "Mốc thời gian",
    forecast: "Dự báo",
    noForecast: "Chưa có dự báo",
    live: "Trực tiếp",
    replay: "Phát lại",
    replaying: (at) => `Phát lại: ${at}`,
    replayLoading: "Đang tải quá khứ",
    replayFailed: "Không tải được thời điểm này.",
    replayNoDeeds: "Đang xem lại: không thao tác được. Nhấn L để về trực tiếp.",
    backToLive: "Về trực tiếp",
    back: "Lùi một bước",
    forth: "Tiến một bước",
    play: "Chạy",
    pause: "Dừng",
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
    alarms: "Alarms",
    alarmsShort: "Alarms",
    queueTitle: "Alarm queue",
    sorted: "By priority",
    tabs: { all: "All", unacknowledged: "Unacknowledged", acknowledged: "Acknowledged", cleared: "Cleared" },
    states: { unacknowledged: "Unacknowledged", acknowledged: "Acknowledged", cleared: "Cleared, to be seen" },
    priorities: { 1: "Urgent", 2: "High", 3: "Medium", 4: "Low" },
    priority: "Priority",
    noAlarms: "No alarms. All is normal.",
    noAlarmsOfTab: "No alarm is in this state.",
    waiting: (count) => `${count} new, press to show`,
    over: "Has left the queue",
    notTaken: "Unassigned",
    since: (at) => `Since ${at}`,
    times: (count) => `raised ${count} times`,
    stands: (count) => `${count} devices`,
    noThing: "A device that no longer exists",
    goneTitle: "The alarm has left the queue",
    goneText: "Its cause is gone and someone has seen it, or it was shelved.",
    alarmPage: "Open the alarm's page",
    allOfIt: "Record",
    procedure: "Procedure",
    acknowledge: "Acknowledge",
    acknowledging: "Acknowledging",
    acknowledged: "The alarm is acknowledged.",
    shelve: "Shelve",
    shelveFor: "For how long",
    reason: "Reason",
    shelved: "The alarm is shelved. It comes back by itself.",
    dispatch: "Dispatch",
    escalate: (span) => `To be escalated: nobody has acknowledged it for ${span}`,
    outcomes: {
      changed: "Nothing was done: the alarm has just changed. This is how it is now.",
      refused: "That was refused. Check your permission and what you entered.",
      failed: "That did not work: the server does not answer. Try again.",
    },
    openCount: (count) => (count === "1" ? "1 alarm" : `${count} alarms`),
    calm: "no alarms",
    past24: "Last 24 hours",
    baseLayers: "Layers and base map",
    legendPriority: "Priority",
    legendState: "State of the alarm",
    legendShare: "the share in alarm",
    scope: "Scope",
    area: "Area",
    department: "Department",
    everywhere: "Whole city",
    everyone: "All departments",
    timeline: "Timeline",
    timelineShort: "Time",
    timelineHint: "Drag the marker to look back. Hatched is forecast.",
    timelineRow: "Alarms",
    range: "Range",
    ranges: { 1: "1 h", 6: "6 h", 24: "24 h", 168: "7 d" },
    moment: "Moment",
    forecast: "Forecast",
    noForecast: "No forecast yet",
    live: "Live",
    replay: "Replay",
    replaying: (at) => `Replay: ${at}`,
    replayLoading: "Loading the past",
    replayFailed: "This moment could not be loaded.",
    replayNoDeeds: "Replay: nothing can be done here. Press L to go back to live.",
    backToLive: "Back to live",
    back: "One step back",
    forth: "One step forward",
    play: "Play",
    pause: "Pause",
  },
};

export type { Words };
