// The kiosk's display: rows of RGB565 pixels into a canvas.

const WIDTH = 240;

export class Screen {
  constructor(canvas) {
    this.context = canvas.getContext("2d", { alpha: false });
  }

  /** Paint rows from `first` on; `rows` is base64 of big-endian RGB565. */
  paint({ first, rows }) {
    const bytes = Uint8Array.from(atob(rows), (c) => c.charCodeAt(0));
    const height = bytes.length / 2 / WIDTH;
    const image = this.context.createImageData(WIDTH, height);
    for (let from = 0, to = 0; from < bytes.length; from += 2, to += 4) {
      const pixel = (bytes[from] << 8) | bytes[from + 1];
      image.data[to] = ((pixel >> 11) * 255) / 31;
      image.data[to + 1] = (((pixel >> 5) & 63) * 255) / 63;
      image.data[to + 2] = ((pixel & 31) * 255) / 31;
      image.data[to + 3] = 255;
    }
    this.context.putImageData(image, 0, first);
  }
}
