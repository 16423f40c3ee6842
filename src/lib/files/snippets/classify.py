# Says what is in a photo:  python classify.py photo.jpg
# It needs:  pip install onnxruntime numpy pillow
import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
facts = session.get_modelmeta().custom_metadata_map
names, size, card = json.loads(facts["names"]), json.loads(facts["imgsz"])[0], json.loads(facts["lensmith"])

photo = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGBA")
photo = Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo).convert("RGB")
if card["crop"] == "centre":
    side = min(photo.size)
    left, top = ((length - side) // 4 * 2 for length in photo.size)
    photo = photo.crop((left, top, left + side, top + side))

def shares(length):  # of each pixel in each of the small picture: the area it covers, or bilinear where it grows
    step, pixel, start = length / size, np.arange(length), np.arange(size)[:, None] * length / size
    if step > 1:
        return np.clip(np.minimum(pixel + 1, start + step) - np.maximum(pixel, start), 0, None) / step
    return np.clip(1 - abs(np.clip(start + step / 2 - 0.5, 0, length - 1) - pixel), 0, None)

small = np.einsum("yh,hwc,xw->yxc", shares(photo.height), np.asarray(photo) / 255, shares(photo.width), optimize=True)
image = small.transpose(2, 0, 1) if session.get_inputs()[0].shape[1] == 3 else small
gate, outputs = card["parts"]["gate"], ["probabilities", "familiarity"]
answer = session.run(outputs[: 2 if gate else 1], {"image": image[None].astype(np.float32)})
best = int(answer[0][0].argmax())
probability = float(answer[0][0][best])
sure = float(answer[1][0]) >= gate["threshold"] if gate else probability >= 0.5 + 0.15 / max(1, len(names) - 1)
print(names[str(best)], f"{probability:.3f}", "sure" if sure else "not sure", sep="\t")
