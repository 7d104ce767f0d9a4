// Makes photos small enough for a weak network, where nothing else in the file is wanted.

const LONGEST_SIDE = 2048;
const QUALITY = 0.85;

/** Give a photo with at most 2048 pixels a side, as JPEG; what the browser can't open stays as it is. */
export async function shrink(photo: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(photo).catch(() => null);
  if (!bitmap) return photo;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && photo.type === "image/jpeg") return photo;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return made ?? photo;
}
