// The buttons above a chart: download, zoom, full screen.

import { namedLines, xAxes, yAxes } from "./figure.js";
import { colouredLines, printedTheme, themedLayout } from "./theme.js";

const FULL_SCREEN = {
  width: 24,
  height: 24,
  path: "M7 14H5v5h5v-2H7v-3zM5 10h2V7h3V5H5v5zm12 7h-3v2h5v-5h-2v3zM14 5v2h3v3h2V5h-5z",
};
// pixels, and how many of the picture's go into one: 17 cm at 300 an inch
const PRINT = { width: 800, scale: 2.5 };
const LOOKS = ["zoom2d", "pan2d", "autoScale2d"]; // Plotly's own buttons
const LOOKS_OF_SCENE = ["orbitRotation", "zoom3d", "pan3d", "resetCameraDefault3d"];

/** @typedef {import("./plot.js").Chart} Chart */
/** @typedef {import("./plotly.d.ts").PlotlyLibrary} PlotlyLibrary */

/**
 * Plotly's settings. Make them once: if any object in them is a new one, Plotly redraws the whole
 * chart.
 * @param {Chart} chart
 * @param {PlotlyLibrary} Plotly
 */
export function settingsOf(chart, Plotly) {
  const { camera } = Plotly.Icons;
  const own = [{
    name: "png",
    title: "Download as PNG",
    icon: camera,
    click: () => download(chart, Plotly),
  }];
  const looks = [...(chart.spatial ? LOOKS_OF_SCENE : LOOKS)]; // a copy: Plotly writes into it
  const whole = [{
    name: "fullscreen",
    title: "Full screen",
    icon: FULL_SCREEN,
    click: () => fullScreen(chart.root),
  }];
  return {
    displaylogo: false,
    displayModeBar: true,
    scrollZoom: chart.spatial,
    doubleClick: "autosize",
    modeBarButtons: [own, looks, whole],
    showTips: false,
  };
}

/** @param {HTMLElement} root */
function fullScreen(root) {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen();
}

/**
 * A PNG wide enough for print, of what is in sight.
 * @param {Chart} chart
 * @param {PlotlyLibrary} Plotly
 */
function download(chart, Plotly) {
  const { figure, legend: { isShown }, log, size, spatial, plot: { layout: seen } } = chart;
  if (!figure) return;
  const theme = printedTheme(chart.root),
    layout = themedLayout(figure, { theme, isShown, log, size });
  for (const name of [...xAxes(figure), ...yAxes(figure)]) {
    layout[name] = { ...layout[name], range: seen[name].range, autorange: false };
  }
  if (layout.scene && seen.scene) layout.scene = { ...layout.scene, camera: seen.scene.camera };
  layout.legend = { orientation: "h", x: 0, y: 1, yanchor: "bottom" };
  layout.showlegend = namedLines(figure).length > 0;
  const data = colouredLines(figure.data, theme, isShown), height = spatial ? 600 : 450;
  return Plotly.downloadImage({ data, layout }, {
    format: "png",
    filename: chart.name,
    height,
    ...PRINT,
  });
}
