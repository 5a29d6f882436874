import type { genders } from "../../src/members/profile.ts";

type Row = readonly [
  key: string,
  name: string,
  gender: (typeof genders)[number],
  /** A year alone stands for a birthday tomorrow. */
  birthday: string,
  region: string,
  occupation: string,
  locale: string,
];

/** Everyone who is a member somewhere; some are at two brands or at all three. None of them exists. */
const rows = [
  ["lin", "林晓雯", "FEMALE", "1993", "上海市徐汇区", "产品设计师", "zh-CN"],
  ["chen", "陈志远", "MALE", "1988-03-14", "上海市静安区", "软件工程师", "zh-CN"],
  ["zhou", "周雨桐", "FEMALE", "1996-07-02", "杭州市西湖区", "插画师", "zh-CN"],
  ["wang", "王建国", "MALE", "1965-10-01", "北京市海淀区", "退休教师", "zh-CN"],
  ["anna", "Anna Kowalska", "FEMALE", "1990-02-28", "Shanghai", "Architect", "en"],
  ["li", "李思齐", "MALE", "2001-12-24", "南京市鼓楼区", "研究生", "zh-CN"],
  ["zhao", "赵敏", "FEMALE", "1985-05-19", "苏州市姑苏区", "会计师", "zh-CN"],
  ["sun", "孙浩然", "MALE", "1992-08-08", "上海市浦东新区", "投资经理", "zh-CN"],
  ["james", "James Okafor", "MALE", "1987-11-05", "Shanghai", "Teacher", "en-GB"],
  ["wu", "吴佳怡", "FEMALE", "1999-01-17", "杭州市滨江区", "运营专员", "zh-CN"],
  ["zheng", "郑海峰", "MALE", "1979-06-30", "宁波市海曙区", "船舶工程师", "zh-CN"],
  ["he", "何静怡", "FEMALE", "1994-09-09", "上海市长宁区", "心理咨询师", "zh-CN"],
  ["mori", "森川美咲", "FEMALE", "1991-04-22", "上海市长宁区", "翻译", "ja"],
  ["xu", "徐子墨", "MALE", "2003-03-03", "上海市杨浦区", "大学生", "zh-CN"],
  ["tang", "唐婉清", "FEMALE", "1982-12-12", "成都市锦江区", "花艺师", "zh-CN"],
  ["luca", "Luca Moretti", "MALE", "1984-07-21", "Hangzhou", "Chef", "en"],
  ["feng", "冯一鸣", "MALE", "1995-10-28", "深圳市南山区", "数据分析师", "zh-CN"],
  ["deng", "邓若溪", "FEMALE", "1997-02-14", "广州市天河区", "编辑", "zh-CN"],
  ["cao", "曹瑞", "OTHER", "1998-06-06", "北京市朝阳区", "独立音乐人", "zh-CN"],
  ["ye", "叶知秋", "FEMALE", "1976-09-23", "上海市黄浦区", "医生", "zh-CN"],
  ["pan", "潘立新", "MALE", "1970-01-08", "无锡市梁溪区", "企业主", "zh-CN"],
  ["sofia", "Sofía Navarro", "FEMALE", "1989-08-31", "Beijing", "Journalist", "en"],
  ["gu", "顾念慈", "FEMALE", "1968-11-11", "苏州市吴中区", "图书馆员", "zh-CN"],
  ["song", "宋明哲", "MALE", "1990-05-04", "南京市玄武区", "律师", "zh-CN"],
  ["yan", "颜舒", "UNDISCLOSED", "1993-03-08", "上海市虹口区", "文案", "zh-CN"],
  ["du", "杜鹏程", "MALE", "1986-04-16", "西安市雁塔区", "历史教师", "zh-CN"],
  ["lu", "陆星宇", "MALE", "2000-08-18", "上海市闵行区", "大学生", "zh-CN"],
  ["jiang", "蒋梦洁", "FEMALE", "1995-12-03", "杭州市拱墅区", "民宿主人", "zh-CN"],
  ["emma", "Emma Lindqvist", "FEMALE", "1983-06-21", "Suzhou", "Engineer", "en"],
  ["shen", "沈亦舟", "MALE", "1991-07-07", "绍兴市越城区", "公务员", "zh-CN"],
  ["fan", "范晓萌", "FEMALE", "2002-05-25", "上海市松江区", "大学生", "zh-CN"],
  ["jin", "金哲宇", "MALE", "1989-09-15", "青岛市市南区", "摄影师", "zh-CN"],
  ["wei", "魏兰", "FEMALE", "1974-02-02", "天津市和平区", "中学校长", "zh-CN"],
  ["noah", "Noah Becker", "MALE", "1994-10-10", "Shanghai", "Game designer", "en"],
  ["xie", "谢雨霏", "FEMALE", "1998-11-30", "武汉市武昌区", "护士", "zh-CN"],
  ["han", "韩东升", "MALE", "1981-03-27", "大连市中山区", "飞行员", "zh-CN"],
  ["qin", "秦悦", "FEMALE", "1996-06-18", "上海市普陀区", "影评人", "zh-CN"],
  ["yu", "余振华", "MALE", "1972-12-29", "杭州市上城区", "建筑师", "zh-CN"],
  ["dong", "董佳宁", "FEMALE", "1987-01-25", "北京市东城区", "策展人", "zh-CN"],
  ["priya", "Priya Raman", "FEMALE", "1992-09-02", "Shanghai", "Scientist", "en"],
  ["xiao", "肖凯", "MALE", "1999-04-11", "长沙市岳麓区", "剪辑师", "zh-CN"],
  ["peng", "彭诗涵", "FEMALE", "2004-10-20", "上海市宝山区", "高中生", "zh-CN"],
  ["lv", "吕思源", "MALE", "1978-08-13", "合肥市蜀山区", "药剂师", "zh-CN"],
  ["hugo", "Hugo Laurent", "MALE", "1985-05-31", "Shanghai", "Sommelier", "en"],
  ["bai", "白露", "FEMALE", "1990-09-07", "昆明市五华区", "舞蹈老师", "zh-CN"],
  ["shi", "石磊", "MALE", "1983-02-19", "上海市嘉定区", "汽车工程师", "zh-CN"],
] as const satisfies readonly Row[];

export type PersonKey = (typeof rows)[number][0];

export interface Person {
  key: PersonKey;
  name: string;
  gender: (typeof genders)[number];
  birthday: string;
  region: string;
  occupation: string;
  locale: string;
  phone: string;
  email: string;
}

/**
 * Someone, with the same contacts at every brand.
 *
 * @param now milliseconds since 1970; whose birthday is tomorrow depends on it.
 */
export function personOf(key: PersonKey, now: number): Person {
  const position = rows.findIndex(([candidate]) => candidate === key);
  const [, name, gender, birthday, region, occupation, locale] = rows[position] as Row;
  const tomorrow = new Date(now + 86_400_000).toISOString().slice(4, 10);
  return {
    ...{ key, name, gender, region, occupation, locale },
    // A year without 29 February has no such birthday.
    birthday: birthday.length > 4 ? birthday : birthday + tomorrow.replace("-02-29", "-02-28"),
    phone: `+86 170 0000 ${String(position + 1).padStart(4, "0")}`,
    email: `${key}@example.com`,
  };
}
