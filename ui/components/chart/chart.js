// One Plotly figure on a page.

const instances = new WeakMap();

export default function ({ data, parentElement }) {
  let chart = instances.get(parentElement);
  if (!chart) instances.set(parentElement, (chart = new Chart(parentElement.querySelector(".chart"))));
  const { figure, arrays, image, ...rest } = unpack(data);
  const pictures = arrays.pictures && { bytes: arrays.pictures, height: image[0], width: image[1] };
  chart.themed();
  chart.show(JSON.parse(figure), { ...rest, pictures });
  chart.latest = data;
  return () => { if (chart.latest === data) { chart.dispose(); instances.delete(parentElement); } }; // else it is another's by now
}
